/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a thread that delivers may ask the kernel for: files, sockets, memory, threads, time.
 *
 * Such a thread speaks with servers and libraries of others. It can start no program and no
 * process, and load nothing into the kernel; what is not listed does not exist for it (ENOSYS), so
 * that libraries take the way they have for older kernels. The filter is inherited by the threads
 * it starts and can never be taken off. It binds the calling thread only: programs are started by
 * a thread of their own (drivers/program.c).
 */
#ifndef LNR_OUTPUTS_SANDBOX_H
#define LNR_OUTPUTS_SANDBOX_H

struct lnr_err;

/* 0 or -errno: the thread is not bound then, as where the kernel has no such filter. */
int lnr_sandbox_enter(struct lnr_err *err);

#endif
