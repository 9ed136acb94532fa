// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/vet.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "compiler/support/mlir_util.h"

//===--------------------------------------------------------------------===//
// Text
//===--------------------------------------------------------------------===//

// Whether the '<' or '>' at |at| is part of an arrow or a comparison.
static bool is_operator(const char* text, const char* at, const char* end) {
  if (at + 1 < end && at[1] == '=') return true;
  return *at == '>' && at > text && at[-1] == '-';
}

// The end of the string or comment that begins at |at|; |at| itself if none does.
static const char* skip(const char* at, const char* end) {
  if (*at == '/' && at + 1 < end && at[1] == '/') {
    const char* stop = memchr(at, '\n', (size_t)(end - at));
    return stop ? stop : end;
  }
  if (*at != '"') return at;
  for (++at; at < end && *at != '"' && *at != '\n'; ++at) {
    if (*at == '\\' && at + 1 < end) ++at;
  }
  return at < end ? at + 1 : end;
}

// The first bracket that is nested too deeply; NULL if none is.
static const char* find_too_deep(const char* text, const char* end) {
  int depth = 0;
  for (const char* at = text; at < end;) {
    const char* next = skip(at, end);
    if (next != at) {
      at = next;
      continue;
    }
    if (strchr("([{", *at) || (*at == '<' && !is_operator(text, at, end))) {
      if (*at && ++depth > TENON_MAX_NESTING) return at;
    } else if (strchr(")]}", *at) || (*at == '>' && !is_operator(text, at, end))) {
      if (depth > 0) --depth;
    }
    ++at;
  }
  return NULL;
}

static bool vet_text(MlirContext context, const tenon_diagnostics_t* diagnostics) {
  const char* start = diagnostics->source;
  const char* deep = find_too_deep(start, start + diagnostics->source_length);
  if (!deep) return true;
  unsigned line = 1;
  for (const char* at = start; at < deep; ++at) {
    if (*at != '\n') continue;
    ++line;
    start = at + 1;
  }
  MlirLocation location = mlirLocationFileLineColGet(context, tenon_str(diagnostics->source_name),
                                                     line, (unsigned)(deep - start) + 1);
  tenon_error_at(location, "nested too deeply: more than %d brackets are open here",
                 TENON_MAX_NESTING);
  return false;
}

//===--------------------------------------------------------------------===//
// Bytecode
//===--------------------------------------------------------------------===//

enum { CHILD_REFUSES = 2 };

// Processor seconds that reading |length| bytes may take, many times what it does take.
static rlim_t reading_time(size_t length) { return 5 + length / (1 << 20); }

__attribute__((noreturn)) static void read_in_child(MlirContext context,
                                                    const tenon_diagnostics_t* diagnostics,
                                                    tenon_reader_t reader, int messages) {
  rlim_t seconds = reading_time(diagnostics->source_length);
  setrlimit(RLIMIT_CPU, &(struct rlimit){seconds, seconds + 1});
  setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
  dup2(messages, STDERR_FILENO);
  MlirModule module =
      reader(context, mlirStringRefCreate(diagnostics->source, diagnostics->source_length),
             tenon_str(diagnostics->source_name));
  bool ok = !mlirModuleIsNull(module);
  if (ok) mlirModuleDestroy(module);
  fflush(stderr);
  _exit(ok ? 0 : CHILD_REFUSES);
}

// Hands on what the child wrote to |messages| before it refused.
static void echo_refusal(MlirContext context, tenon_diagnostics_t* diagnostics, FILE* messages) {
  rewind(messages);
  char part[4096];
  size_t total = 0;
  for (size_t count; (count = fread(part, 1, sizeof(part), messages)) > 0; total += count) {
    fwrite(part, 1, count, stderr);
  }
  if (total == 0) {
    tenon_error_at(mlirLocationUnknownGet(context),
                   "this is no MLIR module; MLIR's reader gives no reason");
  } else {
    ++diagnostics->error_count;
  }
}

static bool vet_bytecode(MlirContext context, tenon_diagnostics_t* diagnostics,
                         tenon_reader_t reader) {
  MlirLocation unknown = mlirLocationUnknownGet(context);
  FILE* messages = tmpfile();
  pid_t child = messages ? fork() : -1;
  if (child == 0) read_in_child(context, diagnostics, reader, fileno(messages));
  int status = 0;
  while (child > 0 && waitpid(child, &status, 0) < 0) {
    if (errno != EINTR) child = -1;
  }
  bool ok = child > 0 && WIFEXITED(status) && WEXITSTATUS(status) == 0;
  if (child < 0) {
    tenon_error_at(unknown, "can't read bytecode, which takes a process and a temporary file: %s",
                   strerror(errno));
  } else if (WIFEXITED(status) && WEXITSTATUS(status) == CHILD_REFUSES) {
    echo_refusal(context, diagnostics, messages);
  } else if (!ok) {
    tenon_error_at(unknown,
                   "this MLIR bytecode is damaged: MLIR's reader does not get through it (%s)",
                   WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "it gave up");
  }
  if (messages) fclose(messages);
  return ok;
}

bool tenon_vet_source(MlirContext context, tenon_diagnostics_t* diagnostics,
                      tenon_reader_t reader) {
  static const char magic[4] = {'M', 'L', '\xef', 'R'};
  if (diagnostics->source_length >= sizeof(magic) &&
      memcmp(diagnostics->source, magic, sizeof(magic)) == 0) {
    return vet_bytecode(context, diagnostics, reader);
  }
  return vet_text(context, diagnostics);
}
