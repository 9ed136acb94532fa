// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// iree-compile: MLIR in, a module file out. One or two dashes, `--flag=value` or `--flag value`, as the peers' users write it.

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/new_file.h"
#include "compiler/compile.h"
#include "compiler/picture.h"
#include "iree/base/api.h"
#include "iree/base/internal/file_io.h"
#include "support/edit_distance.h"
#include "support/report.h"

static const char* const tool = "iree-compile";

__attribute__((format(printf, 1, 2), noreturn)) static void die(const char* format, ...) {
  va_list args;
  va_start(args, format);
  fprintf(stderr, "%s: error: ", tool);
  vfprintf(stderr, format, args);
  fputc('\n', stderr);
  va_end(args);
  exit(1);
}

typedef enum flag_id_e {
  FLAG_OUTPUT = 256,
  FLAG_TARGET_BACKENDS,
  FLAG_TARGET_DEVICE,
  FLAG_DEVICE_BACKENDS,
  FLAG_TRIPLE,
  FLAG_CPU,
  FLAG_CPU_FEATURES,
  FLAG_EXECUTION_MODEL,
  FLAG_COMPILE_TO,
  FLAG_PRINT_IR,
  FLAG_TIMING,
  FLAG_THREADS,
  FLAG_NO_THREADS,
  FLAG_DUMP_SCHEDULE,
  FLAG_DUMP_SOURCES,
  FLAG_DUMP_INTERMEDIATES,
  FLAG_DUMP_BINARIES,
  FLAG_HELP,
  FLAG_VERSION,
} flag_id_t;

typedef struct flag_t {
  const char* name;
  flag_id_t id;
  const char* value;  // what the value is called in the help; NULL: a switch
  const char* help;   // NULL: an older spelling, not listed
} flag_t;

static const flag_t flags[] = {
    {"o", FLAG_OUTPUT, "FILE", "write to FILE instead of standard output ('-')"},
    {"iree-hal-target-backends", FLAG_TARGET_BACKENDS, "llvm-cpu",
     "compile tensor work for these backends"},
    {"iree-hal-target-device", FLAG_TARGET_DEVICE, "local", "compile tensor work for this device"},
    {"iree-hal-local-target-device-backends", FLAG_DEVICE_BACKENDS, "llvm-cpu",
     "the backends of the device 'local'"},
    {"iree-llvmcpu-target-triple", FLAG_TRIPLE, "TRIPLE",
     "e.g. x86_64-linux-gnu, aarch64-linux-gnu (default: this machine's)"},
    {"iree-llvmcpu-target-cpu", FLAG_CPU, "CPU",
     "'generic' (default: the triple's baseline), 'host', or a name LLVM knows"},
    {"iree-llvmcpu-target-cpu-features", FLAG_CPU_FEATURES, "FEATURES",
     "'host', or +feature,-feature..."},
    {"iree-llvm-target-triple", FLAG_TRIPLE, "", NULL},
    {"iree-llvm-target-cpu", FLAG_CPU, "", NULL},
    {"iree-llvm-target-cpu-features", FLAG_CPU_FEATURES, "", NULL},
    {"iree-execution-model", FLAG_EXECUTION_MODEL, "MODEL",
     "async-internal (default): exports are synchronous; async-external: they take a wait and a "
     "signal fence; host-only: the program has no tensors and needs no device"},
    {"compile-to", FLAG_COMPILE_TO, "STAGE",
     "stop after input, dispatch, schedule or codegen and print the module; 'end' (default)"},
    {"mlir-print-ir-after-all", FLAG_PRINT_IR, NULL,
     "print the module after every pass and stage on standard error"},
    {"mlir-timing", FLAG_TIMING, NULL, "print the time of every stage on standard error"},
    {"mlir-disable-threading", FLAG_NO_THREADS, NULL, "use one processor; the same as --threads=1"},
    {"threads", FLAG_THREADS, "N",
     "make machine code on N processors (default: all); the module file is the same for every N"},
    {"dump-schedule", FLAG_DUMP_SCHEDULE, "FILE.svg|.dot",
     "draw dispatches, calls, buffers and fences, and what waits for what (.svg needs Graphviz)"},
    {"iree-hal-dump-executable-sources-to", FLAG_DUMP_SOURCES, "DIR",
     "write each dispatch, as MLIR, to a file in DIR"},
    {"iree-hal-dump-executable-intermediates-to", FLAG_DUMP_INTERMEDIATES, "DIR",
     "write the dispatches' LLVM IR, before and after optimisation, assembly and object files to "
     "DIR"},
    {"iree-hal-dump-executable-binaries-to", FLAG_DUMP_BINARIES, "DIR",
     "write the executable of all dispatches, a shared object, to DIR"},
    {"help", FLAG_HELP, NULL, "print this and exit"},
    {"version", FLAG_VERSION, NULL, "print the versions of Tenon and LLVM and exit"},
};
#define FLAG_COUNT (sizeof(flags) / sizeof(flags[0]))

static void print_help(void) {
  printf(
      "usage: %s [flags] FILE\n\nCompiles the MLIR program in FILE ('-': standard input; text or "
      "bytecode) to a module file.\n\n",
      tool);
  for (size_t i = 0; i < FLAG_COUNT; ++i) {
    if (!flags[i].help) continue;
    int width = printf("  %s%s%s%s", strlen(flags[i].name) == 1 ? "-" : "--", flags[i].name,
                       flags[i].value ? "=" : "", flags[i].value ? flags[i].value : "");
    if (width > 40) width = printf("\n") - 1;
    printf("%*s%s\n", 42 - width, "", flags[i].help);
  }
}

static void print_version(void) {
  printf("Tenon %s (LLVM %s)\n", TENON_VERSION, TENON_LLVM_VERSION);
}

// Takes |value| apart at commas; every part must be |only|.
static void expect_only(const char* flag, const char* value, const char* only, const char* what) {
  const char* cursor = value;
  do {
    size_t length = strcspn(cursor, ",");
    if (length != strlen(only) || strncmp(cursor, only, length) != 0) {
      die("unknown %s '%.*s' in --%s=%s; available: %s", what, (int)length, cursor, flag, value,
          only);
    }
    cursor += length;
  } while (*cursor++ == ',');
}

static tenon_execution_model_t parse_execution_model(const char* value) {
  static const char* const later[] = {"inline-static", "inline-dynamic"};
  if (strcmp(value, "async-internal") == 0) return TENON_MODEL_ASYNC_INTERNAL;
  if (strcmp(value, "async-external") == 0) return TENON_MODEL_ASYNC_EXTERNAL;
  if (strcmp(value, "host-only") == 0) return TENON_MODEL_HOST_ONLY;
  for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); ++i) {
    if (strcmp(value, later[i]) == 0) {
      die("the execution model '%s' is not built yet; available: async-internal, async-external, "
          "host-only",
          value);
    }
  }
  die("unknown execution model '%s' in --iree-execution-model; available: async-internal, "
      "async-external, host-only",
      value);
}

static tenon_stage_t parse_stage(const char* value) {
  for (int i = 0; i < TENON_STAGE_COUNT; ++i) {
    if (strcmp(value, tenon_stage_name((tenon_stage_t)i)) == 0) return (tenon_stage_t)i;
  }
  die("unknown stage '%s' in --compile-to; stages: input, dispatch, schedule, codegen, end", value);
}

static int parse_threads(const char* value) {
  char* end;
  errno = 0;
  long count = strtol(value, &end, 10);
  if (errno || end == value || *end || count < 1 || count > 1024)
    die("--threads=%s is not a number from 1 to 1024", value);
  return (int)count;
}

static void apply_flag(tenon_options_t* options, const flag_t* flag, const char* value) {
  switch (flag->id) {
    case FLAG_OUTPUT:
      options->output_path = value;
      break;
    case FLAG_TARGET_BACKENDS:
    case FLAG_DEVICE_BACKENDS:
      expect_only(flag->name, value, "llvm-cpu", "target backend");
      options->targets_cpu = true;
      break;
    case FLAG_TARGET_DEVICE:
      expect_only(flag->name, value, "local", "target device");
      options->targets_cpu = true;
      break;
    case FLAG_TRIPLE:
      options->target_triple = value;
      break;
    case FLAG_CPU:
      options->target_cpu = value;
      break;
    case FLAG_CPU_FEATURES:
      options->target_cpu_features = value;
      break;
    case FLAG_EXECUTION_MODEL:
      options->execution_model = parse_execution_model(value);
      break;
    case FLAG_COMPILE_TO:
      options->last_stage = parse_stage(value);
      break;
    case FLAG_PRINT_IR:
      options->print_ir_after_all = true;
      break;
    case FLAG_TIMING:
      options->timing = true;
      break;
    case FLAG_THREADS:
      options->codegen_threads = parse_threads(value);
      break;
    case FLAG_NO_THREADS:
      options->codegen_threads = 1;
      break;
    case FLAG_DUMP_SCHEDULE:
      if (!tenon_picture_path_is_known(value))
        die("--dump-schedule=%s: expected a file that ends in .svg or .dot", value);
      options->dump_schedule = value;
      break;
    case FLAG_DUMP_SOURCES:
      options->dump_sources = value;
      break;
    case FLAG_DUMP_INTERMEDIATES:
      options->dump_intermediates = value;
      break;
    case FLAG_DUMP_BINARIES:
      options->dump_binaries = value;
      break;
    case FLAG_HELP:
      print_help();
      exit(0);
    case FLAG_VERSION:
      print_version();
      exit(0);
  }
}

// getopt also takes unambiguous beginnings of long options; scripts that rely on those break when a flag is added.
static bool is_exact(const char* argument, const flag_t* flag) {
  const char* name = argument + strspn(argument, "-");
  return strlen(flag->name) == strcspn(name, "=") &&
         strncmp(name, flag->name, strlen(flag->name)) == 0;
}

static void die_unknown_flag(const char* argument) {
  const char* start = argument + strspn(argument, "-");
  iree_string_view_t name = iree_make_string_view(start, strcspn(start, "="));
  const flag_t* nearest = NULL;
  size_t nearest_distance = 6;
  for (size_t i = 0; i < FLAG_COUNT; ++i) {
    size_t d = tenon_edit_distance(name, iree_make_cstring_view(flags[i].name));
    if (d < nearest_distance) {
      nearest = &flags[i];
      nearest_distance = d;
    }
  }
  if (nearest && strlen(nearest->name) > 1)
    die("unknown flag '%s'; did you mean '--%s'? See --help", argument, nearest->name);
  die("unknown flag '%s'; see --help", argument);
}

static void parse_command_line(int argc, char** argv, tenon_options_t* options) {
  struct option long_options[FLAG_COUNT + 1] = {{0}};
  for (size_t i = 0; i < FLAG_COUNT; ++i) {
    long_options[i] = (struct option){
        flags[i].name, flags[i].value ? required_argument : no_argument, NULL, (int)flags[i].id};
  }
  opterr = 0;
  int index = -1, code;
  // The leading '-' hands positional arguments over in place (code 1), the ':' tells a missing value (code ':').
  while ((code = getopt_long_only(argc, argv, "-:", long_options, &index)) != -1) {
    const char* argument = argv[optind - 1];
    if (code == 1) {
      if (options->input_path)
        die("expected one input file, found '%s' and '%s'", options->input_path, optarg);
      options->input_path = optarg;
    } else if (code == ':') {
      die("the flag '%s' needs a value: %s=VALUE", argument, argument);
    } else if (code == '?') {
      for (size_t i = 0; i < FLAG_COUNT; ++i) {
        if (is_exact(argument, &flags[i]) && !flags[i].value)
          die("the flag '--%s' takes no value, found '%s'", flags[i].name, argument);
      }
      die_unknown_flag(argument);
    } else {
      // A value in an argument of its own stands one before optind.
      bool separate = optarg && optarg == argv[optind - 1];
      if (!is_exact(separate ? argv[optind - 2] : argument, &flags[index]))
        die_unknown_flag(separate ? argv[optind - 2] : argument);
      apply_flag(options, &flags[index], optarg);
    }
  }
  for (; optind < argc; ++optind) {
    if (options->input_path)
      die("expected one input file, found '%s' and '%s'", options->input_path, argv[optind]);
    options->input_path = argv[optind];
  }
  if (options->dump_schedule && options->last_stage < TENON_STAGE_SCHEDULE) {
    die("--dump-schedule draws what the stage schedule makes; found --compile-to=%s",
        tenon_stage_name(options->last_stage));
  }
  if (!options->input_path) die("expected an input file, or '-' for standard input; see --help");
}

static bool is_stdio(const char* path) { return strcmp(path, "-") == 0; }

// Returns the whole input with a NUL after it.
static iree_file_contents_t* read_input(const char* path) {
  iree_file_contents_t* contents = NULL;
  iree_allocator_t allocator = iree_allocator_system();
  iree_status_t status = is_stdio(path) ? iree_stdin_read_contents(allocator, &contents)
                                        : iree_file_read_contents(path, allocator, &contents);
  if (!iree_status_is_ok(status)) {
    tenon_report("iree-compile: error", status);
    exit(1);
  }
  return contents;
}

static void write_output(const char* path, tenon_bytes_t bytes) {
  iree_const_byte_span_t contents = iree_make_const_byte_span(bytes.data, bytes.length);
  iree_status_t status = iree_ok_status();
  if (is_stdio(path)) {
    status = tenon_write(stdout, contents);
    status = iree_status_join(status, tenon_close_stdout());
  } else {
    status = tenon_new_file_write(path, contents);
  }
  if (iree_status_is_ok(status)) return;
  tenon_report("iree-compile: error", status);
  exit(1);
}

int main(int argc, char** argv) {
  tenon_options_t options = {
      .output_path = "-",
      .last_stage = TENON_STAGE_EMIT,
      .target_cpu = "generic",
      .target_cpu_features = "",
  };
  parse_command_line(argc, argv, &options);
  iree_file_contents_t* source = read_input(options.input_path);
  const char* name = is_stdio(options.input_path) ? "<stdin>" : options.input_path;
  tenon_bytes_t result;
  bool ok = tenon_compile(&options, (const char*)source->const_buffer.data,
                          source->const_buffer.data_length, name, &result);
  iree_file_contents_free(source);
  if (!ok) return 1;
  write_output(options.output_path, result);
  free(result.data);
  return 0;
}
