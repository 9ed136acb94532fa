// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The schedule as a graph for people to look at: what waits for what, and where data goes (--dump-schedule).

#ifndef TENON_COMPILER_PICTURE_H_
#define TENON_COMPILER_PICTURE_H_

#include "compiler/program.h"

// Whether |path| ends as the name of a picture must: .dot or .svg.
bool tenon_picture_path_is_known(const char* path);

// Draws the program as it is after the stage `schedule` and writes it to |path|: in Graphviz's language if that ends in .dot; if in .svg,
// drawn by Graphviz's `dot`, which must be on PATH. Reports what fails.
MlirLogicalResult tenon_picture_write(const tenon_program_t* program, const char* path);

#endif  // TENON_COMPILER_PICTURE_H_
