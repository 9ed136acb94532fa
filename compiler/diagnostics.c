// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/diagnostics.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "compiler/support/mlir_util.h"
#include "mlir-c/Diagnostics.h"

static const char* severity_name(MlirDiagnosticSeverity severity) {
  switch (severity) {
    case MlirDiagnosticError:
      return "error";
    case MlirDiagnosticWarning:
      return "warning";
    case MlirDiagnosticNote:
      return "note";
    default:
      return "remark";
  }
}

// The |line|-th line of the source, 1-based, without its end; empty for MLIR bytecode, which has no lines.
static MlirStringRef source_line(const tenon_diagnostics_t* diagnostics, int line) {
  const char* cursor = diagnostics->source;
  const char* end = cursor + diagnostics->source_length;
  if (memchr(cursor, 0, diagnostics->source_length)) return mlirStringRefCreate("", 0);
  for (int i = 1; i < line && cursor; ++i) {
    cursor = memchr(cursor, '\n', (size_t)(end - cursor));
    if (cursor) ++cursor;
  }
  if (line < 1 || !cursor) return mlirStringRefCreate("", 0);
  const char* stop = memchr(cursor, '\n', (size_t)(end - cursor));
  return mlirStringRefCreate(cursor, (size_t)((stop ? stop : end) - cursor));
}

static void print_source_line(const tenon_diagnostics_t* diagnostics,
                              const tenon_position_t* position) {
  if (!tenon_str_equal(position->file, diagnostics->source_name)) return;
  MlirStringRef line = source_line(diagnostics, position->line);
  if (line.length == 0 || line.length > 400) return;
  fprintf(stderr, "%.*s\n", (int)line.length, line.data);
  for (int i = 1; i < position->column; ++i) {
    fputc((size_t)i <= line.length && line.data[i - 1] == '\t' ? '\t' : ' ', stderr);
  }
  fputs("^\n", stderr);
}

static bool begins_with(MlirDiagnostic note, const char* beginning) {
  tenon_text_t text = {0};
  mlirDiagnosticPrint(note, tenon_text_callback, &text);
  bool found = text.data && strncmp(text.data, beginning, strlen(beginning)) == 0;
  free(text.data);
  return found;
}

static MlirLogicalResult print_diagnostic(MlirDiagnostic diagnostic, void* user_data) {
  tenon_diagnostics_t* diagnostics = user_data;
  MlirDiagnosticSeverity severity = mlirDiagnosticGetSeverity(diagnostic);
  if (severity == MlirDiagnosticError) ++diagnostics->error_count;
  tenon_text_t message = {0};
  mlirDiagnosticPrint(diagnostic, tenon_text_callback, &message);
  tenon_position_t position;
  if (tenon_resolve_location(mlirDiagnosticGetLocation(diagnostic), &position) &&
      position.line > 0) {
    fprintf(stderr, "%.*s:%d:%d: %s: %s\n", (int)position.file.length, position.file.data,
            position.line, position.column, severity_name(severity),
            message.data ? message.data : "");
    print_source_line(diagnostics, &position);
  } else {
    fprintf(stderr, "%s: %s: %s\n", diagnostics->source_name, severity_name(severity),
            message.data ? message.data : "");
  }
  free(message.data);
  for (intptr_t i = 0; i < mlirDiagnosticGetNumNotes(diagnostic); ++i) {
    MlirDiagnostic note = mlirDiagnosticGetNote(diagnostic, i);
    // Notes that tell MLIR's makers more than who wrote the program; the line is shown already.
    if (begins_with(note, "see current operation:")) continue;
    if (begins_with(note, "Available dialects:")) {
      fprintf(stderr, "note: " TENON_LANGUAGE "\n");
    } else {
      print_diagnostic(note, user_data);
    }
  }
  return mlirLogicalResultSuccess();
}

void tenon_diagnostics_attach(MlirContext context, tenon_diagnostics_t* diagnostics) {
  mlirContextAttachDiagnosticHandler(context, print_diagnostic, diagnostics, NULL);
}
