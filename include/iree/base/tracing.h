// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// Marks for an instrumenting profiler. This build has none, so each mark expands to nothing and its
// arguments are not evaluated. For profiling, executables keep their symbols for perf.
#ifndef IREE_BASE_TRACING_H_
#define IREE_BASE_TRACING_H_

// A statement that only tracing needs.
#define IREE_TRACE(expr)
// Names the calling thread.
#define IREE_TRACE_SET_THREAD_NAME(name)
// A zone from here to the end of the C++ block.
#define IREE_TRACE_SCOPE()
#define IREE_TRACE_SCOPE0(name_literal)
// A zone between two statements, in C or C++. Every way out of the block ends it.
#define IREE_TRACE_ZONE_BEGIN(zone_id)
#define IREE_TRACE_ZONE_BEGIN_NAMED(zone_id, name_literal)
#define IREE_TRACE_ZONE_APPEND_TEXT(zone_id, ...)
#define IREE_TRACE_ZONE_END(zone_id)

#endif  // IREE_BASE_TRACING_H_
