/* SPDX-License-Identifier: Apache-2.0 */
/* A line to a descriptor, for drivers. */
#include <errno.h>
#include <sys/uio.h>
#include "outputs/driver.h"

int lnr_write_line(int fd, struct lnr_str line, size_t *ret_written)
{
	struct iovec v[2] = {{(void *)(uintptr_t)line.ptr, line.len}, {(void *)"\n", 1}};
	*ret_written = 0;
	for (int i = 0; i < 2;) {
		ssize_t n = writev(fd, v + i, 2 - i);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		*ret_written += (size_t)n;
		for (; i < 2 && (size_t)n >= v[i].iov_len; i++)
			n -= (ssize_t)v[i].iov_len;
		if (i < 2) {
			v[i].iov_base = (char *)v[i].iov_base + n;
			v[i].iov_len -= (size_t)n;
		}
	}
	return 0;
}
