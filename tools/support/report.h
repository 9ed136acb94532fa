// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

#ifndef TENON_TOOLS_SUPPORT_REPORT_H_
#define TENON_TOOLS_SUPPORT_REPORT_H_

#include <stdio.h>

#include "iree/base/api.h"

// Prints the text of a failure to stderr after `PROGRAM: `, and frees it. Standard output is flushed before.
void tenon_report(const char* program, iree_status_t status);

// Calls |use| with the text of a failure, `CODE; message...` without the place in the runtime's source that it comes from,
// and frees it.
void tenon_with_status_text(iree_status_t status, void (*use)(void* user_data, const char* text),
                            void* user_data);

// Writes all of |bytes|, or says why the system did not.
iree_status_t tenon_write(FILE* file, iree_const_byte_span_t bytes);

// Flushes and closes standard output. A failure (a full disk, say) that nobody has seen yet is a
// failure here.
iree_status_t tenon_close_stdout(void);

#endif  // TENON_TOOLS_SUPPORT_REPORT_H_
