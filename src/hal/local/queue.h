// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
// The queue of local devices: operations that begin when semaphores say so.
//
// An operation (*op*) is one block of memory, which has all that it needs to begin, run and end: after it has
// been submitted nothing more is allocated. Its life:
//
//   waiting   It listens to what it waits for. The thread on which the last point is reached, or the first one
//             fails, puts it on its ready list.
//   running   Segment by segment: commands between two barriers. Large commands are jobs of the executor, small
//             ones run on the thread at hand. Whoever ends a segment's last command goes on with the next
//             segment: no thread waits for others.
//   ended     It lets go of what it used and of the device, frees its memory, and then signals: who has seen
//             the signal finds nothing of it left, except that up to TENON_OP_STACK_SIGNALS points are
//             signaled after the memory is freed and those before them, if there are more, while it is there.
//             If a wait failed the memory stays until the other points have been reached or failed, too.

#ifndef TENON_HAL_LOCAL_QUEUE_H_
#define TENON_HAL_LOCAL_QUEUE_H_

#include "hal/local/command.h"

#define TENON_OP_STACK_SIGNALS 8

// Submits a clone of |command|. On failure nothing has been submitted. An op that is ready begins before this
// returns, unless this thread is running other work of its ready list, which comes first.
iree_status_t tenon_hal_queue_submit_command(iree_hal_device_t* device,
                                             iree_hal_semaphore_list_t wait_list,
                                             iree_hal_semaphore_list_t signal_list,
                                             const tenon_command_t* command);

// Submits command buffers, one after another; none: a barrier.
iree_status_t tenon_hal_queue_submit_command_buffers(
    iree_hal_device_t* device, iree_hal_semaphore_list_t wait_list,
    iree_hal_semaphore_list_t signal_list, iree_host_size_t command_buffer_count,
    iree_hal_command_buffer_t* const* command_buffers);

// Signals all points if |status| is OK; else fails their semaphores with clones of it. A point that can't be
// signaled fails its semaphore. Takes over |status|.
void tenon_hal_queue_resolve(iree_hal_semaphore_list_t signal_list, iree_status_t status);

#endif  // TENON_HAL_LOCAL_QUEUE_H_
