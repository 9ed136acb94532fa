// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// What MLIR's readers need to be kept from: they recurse on every nesting of the text without a limit, and trust bytecode that is
// damaged, so that such a source would end the process instead of with a message.

#ifndef TENON_COMPILER_VET_H_
#define TENON_COMPILER_VET_H_

#include <stdbool.h>

#include "compiler/diagnostics.h"
#include "mlir-c/IR.h"

// Brackets of any kind that may be open at once in a text.
#define TENON_MAX_NESTING 512

// As tenon_parse_module.
typedef MlirModule (*tenon_reader_t)(MlirContext context, MlirStringRef source,
                                     MlirStringRef source_name);

// Whether the source that |diagnostics| is about may be handed to |reader|; if not, an error has been reported. Of text only the
// nesting is looked at; bytecode is read once, with |reader|, in a process of its own.
bool tenon_vet_source(MlirContext context, tenon_diagnostics_t* diagnostics, tenon_reader_t reader);

#endif  // TENON_COMPILER_VET_H_
