// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#include "compiler/picture.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "base/new_file.h"
#include "compiler/dialects/dialects.h"
#include "compiler/support/branches.h"
#include "compiler/support/cfg.h"
#include "compiler/support/memory.h"
#include "compiler/support/mlir_util.h"

extern char** environ;

// How a kind of operation is drawn.
typedef struct look_t {
  const char* name;   // of the operation
  const char* label;  // NULL: what it calls, or the type it makes
  const char* style;
  bool numbered;  // it is work: its place in the host's order is part of the label
} look_t;

#define BUFFER "shape=cylinder, fillcolor=\"#eef2f5\""
#define WORK "shape=box, fillcolor=\"#cfe2f3\""
#define HOST "shape=box, style=\"filled,rounded\", fillcolor=\"#fff2cc\""
#define FENCE "shape=hexagon, fillcolor=\"#e6dcf0\""
#define CONTROL "color=\"#666666\", style=dotted"
#define PLAIN "shape=plain, style=\"\""

static const look_t looks[] = {
    {"tenon.execute", NULL, WORK, true},
    {"tenon.clone", "copy of", WORK, true},
    {"tenon.copy", "copy", WORK, true},
    {"tenon.alloc", NULL, BUFFER, false},
    {"tenon.subspan", "part", BUFFER, false},
    {"tenon.constant", "constant", BUFFER, false},
    {"tenon.tensor_import", NULL, BUFFER, false},
    {"tenon.tensor_export", NULL, BUFFER, false},
    {"func.call", NULL, "shape=box, style=\"filled,bold\", fillcolor=\"#fce5cd\"", true},
    {"tenon.spawn", "spawn", "shape=box, style=\"filled,bold\", fillcolor=\"#fce5cd\"", true},
    {"tenon.wait", "the host waits", "shape=octagon, fillcolor=\"#f4cccc\"", true},
    {"tenon.turn_begin", "wait for the turn", "shape=octagon, fillcolor=\"#f4cccc\"", true},
    {"tenon.turn_enter", "enter the turn", "shape=octagon, fillcolor=\"#f4cccc\"", true},
    {"tenon.turn_take", "take a turn", FENCE, true},
    {"tenon.fence", "fence", FENCE, false},
    {"tenon.signal", "signal", FENCE, true},
    {"tenon.load", "load an element", HOST, true},
    {"util.global.load", "load", BUFFER, false},
    {"util.global.store", "store", BUFFER, true},
    {"tenon.join", "", "shape=point, width=0.08", false},
    {"cf.cond_br", "branch", "shape=diamond, fillcolor=\"#ffffff\"", false},
    {"cf.switch", "switch", "shape=diamond, fillcolor=\"#ffffff\"", false},
    {"func.return", "return", PLAIN, false},
};

typedef struct drawing_t {
  tenon_text_t text;
  // Of the function: an edge within a block's frame would draw both its ends into the frame.
  tenon_text_t edges;
  tenon_map_t nodes;    // from values and blocks to what draws them, as numbers from 1
  tenon_map_t buffers;  // values whose point says no more than that their memory is there
  size_t count;         // of nodes
  size_t step;          // of the host, in the function
  MlirOperation* dispatches;
  intptr_t dispatch_count;
} drawing_t;

static size_t node_of(const drawing_t* drawing, const void* what) {
  return (size_t)(uintptr_t)tenon_map_get(&drawing->nodes, what);
}

static void set_node(drawing_t* drawing, const void* what, size_t node) {
  tenon_map_set(&drawing->nodes, what, (void*)(uintptr_t)node);
}

//===----------------------------------------------------------------------===//
// Text
//===----------------------------------------------------------------------===//

// As part of a quoted string.
static void append_quoted(tenon_text_t* text, MlirStringRef part) {
  for (size_t i = 0; i < part.length; ++i) {
    if (part.data[i] == '"' || part.data[i] == '\\') tenon_text_append(text, "\\", 1);
    tenon_text_append(text, part.data[i] == '\n' ? " " : &part.data[i], 1);
  }
}

static MlirStringRef string_attribute(MlirOperation op, const char* name) {
  MlirAttribute attribute = mlirOperationGetAttributeByName(op, tenon_str(name));
  if (mlirAttributeIsNull(attribute)) return mlirStringRefCreate("", 0);
  if (mlirAttributeIsAString(attribute)) return mlirStringAttrGetValue(attribute);
  if (mlirAttributeIsAFlatSymbolRef(attribute)) return mlirFlatSymbolRefAttrGetValue(attribute);
  return mlirStringRefCreate("", 0);
}

// The tensor that |op| makes a buffer or view of.
static void append_type(tenon_text_t* text, MlirOperation op) {
  MlirAttribute type = mlirOperationGetAttributeByName(op, tenon_str("type"));
  MlirAttribute value = mlirOperationGetAttributeByName(op, tenon_str("value"));
  tenon_text_t printed = {0};
  if (!mlirAttributeIsNull(type) && mlirAttributeIsAType(type)) {
    mlirTypePrint(mlirTypeAttrGetValue(type), tenon_text_callback, &printed);
  } else if (!mlirAttributeIsNull(value)) {
    mlirTypePrint(mlirAttributeGetType(value), tenon_text_callback, &printed);
  }
  if (printed.length) {
    if (text->data[text->length - 1] != '"') tenon_text_append(text, "\\n", 2);
    append_quoted(text, mlirStringRefCreate(printed.data, printed.length));
  }
  free(printed.data);
}

// Where the source has it, without folders.
static void append_place(tenon_text_t* text, MlirOperation op) {
  tenon_position_t position;
  if (!tenon_resolve_location(mlirOperationGetLocation(op), &position) || position.line <= 0)
    return;
  const char* name = position.file.data;
  for (size_t i = 0; i < position.file.length; ++i) {
    if (position.file.data[i] == '/') name = &position.file.data[i + 1];
  }
  tenon_text_append(text, "\\n", 2);
  append_quoted(
      text, mlirStringRefCreate(name, position.file.length - (size_t)(name - position.file.data)));
  tenon_text_appendf(text, ":%d", position.line);
}

//===----------------------------------------------------------------------===//
// Edges
//===----------------------------------------------------------------------===//

// How an edge for a value of |type| is drawn; NULL: not at all.
static const char* edge_style(MlirType type) {
  if (tenon_type_is_timepoint(type)) return "color=\"#cc0000\", penwidth=1.8";
  if (tenon_type_is_buffer(type) || tenon_type_is_view(type)) return "color=\"#45606e\"";
  if (tenon_type_is_fence(type)) return "color=\"#674ea7\", style=dashed";
  if (tenon_type_is_ref(type) || tenon_type_is_turn(type)) return "color=\"#999999\"";
  return NULL;
}

static void draw_edge(drawing_t* drawing, size_t from, size_t to, const char* style) {
  if (from && to) tenon_text_appendf(&drawing->edges, "  n%zu -> n%zu [%s];\n", from, to, style);
}

static void draw_use(drawing_t* drawing, MlirValue value, size_t node) {
  MlirType type = mlirValueGetType(value);
  const char* style = edge_style(type);
  // That memory is there is seen from the work that writes it.
  if (!style || (tenon_type_is_timepoint(type) && tenon_map_get(&drawing->buffers, value.ptr)))
    return;
  draw_edge(drawing, node_of(drawing, value.ptr), node, style);
}

// The buffers that a dispatch writes: the last ones, as many as its function has results.
static intptr_t first_written_operand(const drawing_t* drawing, MlirOperation op) {
  MlirAttribute ordinal = mlirOperationGetAttributeByName(op, tenon_str("ordinal"));
  intptr_t index = mlirIntegerAttrGetValueInt(ordinal), end = 1;
  if (index < 0 || index >= drawing->dispatch_count) return mlirOperationGetNumOperands(op);
  while (end < mlirOperationGetNumOperands(op) &&
         tenon_type_is_buffer(mlirValueGetType(mlirOperationGetOperand(op, end))))
    ++end;
  MlirType type = mlirTypeAttrGetValue(
      mlirOperationGetAttributeByName(drawing->dispatches[index], tenon_str("function_type")));
  return end - mlirFunctionTypeGetNumResults(type);
}

static void draw_operands(drawing_t* drawing, MlirOperation op, size_t node) {
  intptr_t count = mlirOperationGetNumOperands(op), written = count;
  if (tenon_op_is(op, "tenon.execute")) written = first_written_operand(drawing, op);
  // tenon.copy(%wait, %source, %target)
  if (tenon_op_is(op, "tenon.copy")) written = 2;
  for (intptr_t i = 0; i < count; ++i) {
    MlirValue operand = mlirOperationGetOperand(op, i);
    if (i >= written && tenon_type_is_buffer(mlirValueGetType(operand))) {
      draw_edge(drawing, node, node_of(drawing, operand.ptr),
                edge_style(mlirValueGetType(operand)));
    } else {
      draw_use(drawing, operand, node);
    }
  }
}

//===----------------------------------------------------------------------===//
// Nodes
//===----------------------------------------------------------------------===//

static const look_t* find_look(MlirOperation op) {
  for (size_t i = 0; i < sizeof(looks) / sizeof(*looks); ++i) {
    if (tenon_op_is(op, looks[i].name)) return &looks[i];
  }
  return NULL;
}

static void append_label(drawing_t* drawing, MlirOperation op, const look_t* look) {
  tenon_text_t* text = &drawing->text;
  if (look->numbered) tenon_text_appendf(text, "%zu. ", ++drawing->step);
  if (look->label) tenon_text_appendf(text, "%s", look->label);
  MlirStringRef callee = string_attribute(op, "callee");
  if (!callee.length) callee = string_attribute(op, "global");
  MlirStringRef context = string_attribute(op, "context");
  if (callee.length) tenon_text_appendf(text, "%s@", look->label ? " " : "");
  append_quoted(text, callee);
  append_quoted(text, context);
  append_type(text, op);
  if (look->numbered) append_place(text, op);
}

static void draw_op(drawing_t* drawing, MlirOperation op) {
  const look_t* look = find_look(op);
  if (!look) return;
  size_t node = ++drawing->count;
  tenon_text_appendf(&drawing->text, "  n%zu [%s, label=\"", node, look->style);
  append_label(drawing, op, look);
  tenon_text_appendf(&drawing->text, "\"];\n");
  for (intptr_t i = 0; i < mlirOperationGetNumResults(op); ++i) {
    const void* result = mlirOperationGetResult(op, i).ptr;
    set_node(drawing, result, node);
    if (tenon_op_is(op, "tenon.alloc")) tenon_map_set(&drawing->buffers, result, drawing);
  }
  draw_operands(drawing, op, node);
}

// The beginning of block |number|, where its arguments come from.
static void draw_block_head(drawing_t* drawing, MlirBlock block, size_t number) {
  size_t node = node_of(drawing, block.ptr);
  if (number == 0) {
    tenon_text_appendf(&drawing->text, "  n%zu [" PLAIN ", label=\"called\"];\n", node);
  } else {
    tenon_text_appendf(&drawing->text,
                       "  n%zu [shape=ellipse, fillcolor=\"#ffffff\", label=\"block %zu\"];\n",
                       node, number);
  }
}

// From |end|, which is drawn at |node|, to where it goes on, with what it hands over.
static void draw_successors(drawing_t* drawing, MlirOperation end, size_t node) {
  for (intptr_t s = 0; s < mlirOperationGetNumSuccessors(end); ++s) {
    size_t target = node_of(drawing, mlirOperationGetSuccessor(end, s).ptr);
    draw_edge(drawing, node, target, CONTROL);
    intptr_t first = 0, count = 0;
    if (mlirLogicalResultIsFailure(tenon_branch_operands(end, s, &first, &count))) return;
    for (intptr_t i = 0; i < count; ++i)
      draw_use(drawing, mlirOperationGetOperand(end, first + i), target);
  }
}

//===----------------------------------------------------------------------===//
// The program
//===----------------------------------------------------------------------===//

static MlirStringRef function_title(MlirOperation function) {
  static const char* const names[] = {"tenon.declaration", "tenon.source_name", "sym_name"};
  MlirStringRef title = string_attribute(function, names[0]);
  for (size_t i = 1; !title.length && i < sizeof(names) / sizeof(*names); ++i)
    title = string_attribute(function, names[i]);
  return title;
}

static void draw_block(drawing_t* drawing, MlirBlock block) {
  size_t head = node_of(drawing, block.ptr);
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    draw_op(drawing, op);
  // A branch that is drawn is the last node.
  MlirOperation end = tenon_block_end(block);
  bool decides = mlirOperationGetNumSuccessors(end) > 1;
  if (decides) draw_edge(drawing, head, drawing->count, CONTROL);
  draw_successors(drawing, end, decides ? drawing->count : head);
}

// A block and its arguments are one node.
static void number_block(drawing_t* drawing, MlirBlock block) {
  size_t node = ++drawing->count;
  set_node(drawing, block.ptr, node);
  for (intptr_t i = 0; i < mlirBlockGetNumArguments(block); ++i)
    set_node(drawing, mlirBlockGetArgument(block, i).ptr, node);
}

static void draw_function(drawing_t* drawing, MlirOperation function, size_t number) {
  tenon_block_list_t blocks = tenon_reverse_postorder(mlirOperationGetRegion(function, 0));
  drawing->step = 0;
  drawing->edges.length = 0;
  tenon_text_appendf(&drawing->text, "subgraph cluster_%zu {\n  labelloc=t; label=\"", number);
  append_quoted(&drawing->text, function_title(function));
  tenon_text_appendf(&drawing->text, "\";\n");
  for (size_t i = 0; i < blocks.count; ++i) number_block(drawing, blocks.data[i]);
  for (size_t i = 0; i < blocks.count; ++i) {
    if (i) {
      tenon_text_appendf(&drawing->text,
                         "  subgraph cluster_%zu_%zu { label=\"\"; color=\"#bbbbbb\";\n", number,
                         i);
    }
    draw_block_head(drawing, blocks.data[i], i);
    draw_block(drawing, blocks.data[i]);
    if (i) tenon_text_appendf(&drawing->text, "  }\n");
  }
  tenon_text_append(&drawing->text, drawing->edges.data ? drawing->edges.data : "",
                    drawing->edges.length);
  tenon_text_appendf(&drawing->text, "}\n");
  free(blocks.data);
}

static bool is_function(MlirOperation op) {
  return tenon_op_is(op, "func.func") &&
         !mlirBlockIsNull(mlirRegionGetFirstBlock(mlirOperationGetRegion(op, 0)));
}

static void find_dispatches(drawing_t* drawing, MlirOperation module) {
  MlirBlock block = mlirRegionGetFirstBlock(mlirOperationGetRegion(module, 0));
  size_t count = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    ++count;
  drawing->dispatches = tenon_xcalloc(count, sizeof(*drawing->dispatches));
  for (MlirOperation op = mlirBlockGetFirstOperation(block); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op))
    drawing->dispatches[drawing->dispatch_count++] = op;
}

static tenon_text_t draw_program(MlirModule module) {
  drawing_t drawing = {0};
  tenon_text_appendf(
      &drawing.text,
      "digraph schedule {\n"
      "graph [fontname=Helvetica, fontsize=11, labelloc=b, label=\"blue: dispatches and copies; "
      "orange: calls; cylinders: buffers. Red: who waits for whom; dark: where data goes; violet: "
      "fences.\\nNumbers: the host's order.\"];\n"
      "node [fontname=Helvetica, fontsize=10, style=filled];\nedge [arrowsize=0.7];\n");
  MlirBlock body = mlirModuleGetBody(module);
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (tenon_op_is(op, "builtin.module")) find_dispatches(&drawing, op);
  }
  size_t number = 0;
  for (MlirOperation op = mlirBlockGetFirstOperation(body); !mlirOperationIsNull(op);
       op = mlirOperationGetNextInBlock(op)) {
    if (is_function(op)) draw_function(&drawing, op, number++);
  }
  tenon_text_appendf(&drawing.text, "}\n");
  tenon_map_free(&drawing.nodes);
  tenon_map_free(&drawing.buffers);
  free(drawing.edges.data);
  free(drawing.dispatches);
  return drawing.text;
}

//===----------------------------------------------------------------------===//
// Files
//===----------------------------------------------------------------------===//

static bool ends_in(const char* path, const char* suffix) {
  size_t length = strlen(path), suffix_length = strlen(suffix);
  return length > suffix_length && strcmp(path + length - suffix_length, suffix) == 0;
}

bool tenon_picture_path_is_known(const char* path) {
  return ends_in(path, ".dot") || ends_in(path, ".svg");
}

// Runs `dot -Tsvg` from |input| to |output|.
static iree_status_t run_graphviz(FILE* input, FILE* output) {
  char* const arguments[] = {"dot", "-Tsvg", NULL};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, fileno(input), 0);
  posix_spawn_file_actions_adddup2(&actions, fileno(output), 1);
  pid_t child;
  int error = posix_spawnp(&child, "dot", &actions, NULL, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error) {
    return iree_make_status(iree_status_code_from_errno(error),
                            "can't run Graphviz's 'dot', which draws .svg files: %s; install "
                            "Graphviz, or name a file that ends in .dot",
                            strerror(error));
  }
  int status = 0;
  while (waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return iree_ok_status();
  return iree_make_status(IREE_STATUS_INTERNAL, "Graphviz's 'dot' failed");
}

static iree_status_t draw_svg(const tenon_text_t* text, FILE* output) {
  FILE* input = tmpfile();
  if (!input) {
    return iree_make_status(iree_status_code_from_errno(errno), "can't make a temporary file: %s",
                            strerror(errno));
  }
  iree_status_t status = iree_ok_status();
  if (fwrite(text->data, 1, text->length, input) != text->length || fflush(input) != 0) {
    status = iree_make_status(iree_status_code_from_errno(errno),
                              "can't write a temporary file: %s", strerror(errno));
  }
  rewind(input);
  if (iree_status_is_ok(status)) status = run_graphviz(input, output);
  fclose(input);
  return status;
}

static iree_status_t write_picture(const tenon_text_t* text, const char* path) {
  if (ends_in(path, ".dot"))
    return tenon_new_file_write(path, iree_make_const_byte_span(text->data, text->length));
  tenon_new_file_t file;
  IREE_RETURN_IF_ERROR(tenon_new_file_open(path, &file));
  return tenon_new_file_close(&file, draw_svg(text, file.stream));
}

MlirLogicalResult tenon_picture_write(const tenon_program_t* program, const char* path) {
  tenon_text_t text = draw_program(program->module);
  iree_status_t status = write_picture(&text, path);
  free(text.data);
  if (iree_status_is_ok(status)) return mlirLogicalResultSuccess();
  char message[512] = "";
  iree_host_size_t length = 0;
  iree_status_format(status, sizeof(message), message, &length);
  const char* begin = strstr(message, iree_status_code_string(iree_status_code(status)));
  iree_status_free(status);
  return tenon_error_at(mlirLocationUnknownGet(program->context), "--dump-schedule=%s: %s", path,
                        begin ? begin : message);
}
