/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tell the address sanitizer which bytes of our own allocators are in use, so that a stale pointer
 * into a reset arena or a released pool object is reported like any use after free. Compiles to
 * nothing in other builds.
 */
#ifndef LNR_BASE_ASAN_H
#define LNR_BASE_ASAN_H

#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define LNR_ASAN 1
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define LNR_ASAN 1
#endif

#ifdef LNR_ASAN
#include <sanitizer/asan_interface.h>
#define lnr_asan_hide(ptr, len) ASAN_POISON_MEMORY_REGION((ptr), (len))
#define lnr_asan_show(ptr, len) ASAN_UNPOISON_MEMORY_REGION((ptr), (len))
#else
#define lnr_asan_hide(ptr, len) ((void)(ptr), (void)(len))
#define lnr_asan_show(ptr, len) ((void)(ptr), (void)(len))
#endif

#endif
