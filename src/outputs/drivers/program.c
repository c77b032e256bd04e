/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Alerts to the standard input of a shell command: one run for each, or one for all with
 * keep_alive. The program ignores SIGPIPE, so a command that does not read is an error of that
 * delivery only.
 *
 * The thread that delivers may start no program (sandbox.h), and what it started would be bound
 * like itself. So a thread of our own, made before, starts commands and waits for their end; the
 * delivery thread asks it and writes to the pipe.
 */
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>
#include "base/util.h"
#include "outputs/driver.h"

/* What a shell says about a command that cannot be run, or is not there. */
#define SHELL_CANNOT_RUN 126
#define SHELL_NOT_FOUND	 127

enum request { NOTHING, START, STOP, QUIT };

struct program {
	char *command;
	bool keep_alive, reliable;
	pthread_t starter;
	bool has_starter;
	/* between the two threads */
	pthread_mutex_t lock;
	pthread_cond_t moved;
	enum request request;
	int fd; /* of the running command's standard input, -1 = none runs */
	pid_t pid;
	int result; /* of the last request: START an errno, STOP an exit status */
};

/* --- the thread that starts --- */

/* Signals as a shell finds them: ours are all blocked here, and SIGPIPE is ignored. */
static int spawn(struct program *p, int in)
{
	char *const argv[] = {(char *)"sh", (char *)"-c", p->command, NULL};
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attr;
	sigset_t none, defaults;
	sigemptyset(&none);
	sigemptyset(&defaults);
	sigaddset(&defaults, SIGPIPE);
	int r = posix_spawn_file_actions_init(&files);
	if (r)
		return -r;
	r = posix_spawnattr_init(&attr);
	if (!r) {
		posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
		posix_spawnattr_setsigmask(&attr, &none);
		posix_spawnattr_setsigdefault(&attr, &defaults);
		r = posix_spawn_file_actions_adddup2(&files, in, STDIN_FILENO);
		if (!r)
			r = posix_spawn(&p->pid, "/bin/sh", &files, &attr, argv, environ);
		posix_spawnattr_destroy(&attr);
	}
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

static int start(struct program *p)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC))
		return -errno;
	int r = spawn(p, ends[0]);
	close(ends[0]);
	if (r)
		close(ends[1]);
	else
		p->fd = ends[1];
	return r;
}

/* Its standard input ends, then it may. */
static int stop(struct program *p)
{
	int status = 0;
	if (p->fd < 0)
		return 0;
	close(p->fd);
	p->fd = -1;
	while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 0;
}

static void *starter(void *arg)
{
	struct program *p = arg;
	pthread_mutex_lock(&p->lock);
	while (p->request != QUIT) {
		enum request request = p->request;
		if (request == NOTHING) {
			pthread_cond_wait(&p->moved, &p->lock);
			continue;
		}
		/* Whoever asked waits, so nobody else looks at what changes. */
		pthread_mutex_unlock(&p->lock);
		int result = request == START ? start(p) : stop(p);
		pthread_mutex_lock(&p->lock);
		p->result = result;
		p->request = NOTHING;
		pthread_cond_broadcast(&p->moved);
	}
	pthread_mutex_unlock(&p->lock);
	return NULL;
}

static int ask(struct program *p, enum request request)
{
	pthread_mutex_lock(&p->lock);
	p->request = request;
	pthread_cond_broadcast(&p->moved);
	while (request != QUIT && p->request != NOTHING)
		pthread_cond_wait(&p->moved, &p->lock);
	int result = p->result;
	pthread_mutex_unlock(&p->lock);
	return result;
}

/* --- the output --- */

static int program_start(struct program *p, struct lnr_err *err)
{
	int r = p->fd < 0 ? ask(p, START) : 0;
	return r ? lnr_fail(err, r, "cannot run %s: %s", p->command, strerror(-r)) : 0;
}

/* Exit status; that of a command that ran is its own business. */
static int program_stop(struct program *p)
{
	return p->fd < 0 ? 0 : ask(p, STOP);
}

static void program_close(void *self)
{
	struct program *p = self;
	if (p->has_starter) {
		program_stop(p);
		ask(p, QUIT);
		pthread_join(p->starter, NULL);
	}
	pthread_cond_destroy(&p->moved);
	pthread_mutex_destroy(&p->lock);
	free(p->command);
	free(p);
}

static int program_open(const struct lnr_output_ctx *ctx, void **ret, struct lnr_err *err)
{
	struct program *p = calloc(1, sizeof(*p));
	sigset_t all, before;
	if (!p)
		return lnr_fail(err, -ENOMEM, "out of memory");
	p->fd = -1;
	pthread_mutex_init(&p->lock, NULL);
	pthread_cond_init(&p->moved, NULL);
	p->reliable = ctx->reliable;
	p->keep_alive = strcmp(lnr_config_str(ctx->config, "program_output.keep_alive"), "true") ==
			0;
	p->command = strdup(lnr_config_str(ctx->config, "program_output.program"));
	if (!p->command) {
		program_close(p);
		return lnr_fail(err, -ENOMEM, "out of memory");
	}
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	p->has_starter = pthread_create(&p->starter, NULL, starter, p) == 0;
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!p->has_starter) {
		program_close(p);
		return lnr_fail(err, -EAGAIN, "cannot start a thread");
	}
	*ret = p;
	return 0;
}

static int program_send(
	void *self, const struct lnr_alert *a, struct lnr_str line, struct lnr_err *err)
{
	struct program *p = self;
	size_t written;
	(void)a;
	int r = program_start(p, err);
	if (r)
		return r;
	r = lnr_write_line(p->fd, line, &written);
	if (r)
		lnr_fail(err, r, "%s does not take the alert: %s", p->command, strerror(-r));
	int status = !p->keep_alive || r ? program_stop(p) : 0;
	if (!r && p->reliable && (status == SHELL_CANNOT_RUN || status == SHELL_NOT_FOUND))
		r = lnr_fail(err, -ENOEXEC, "the shell cannot run %s", p->command);
	return r;
}

static int program_reopen(void *self, struct lnr_err *err)
{
	program_stop(self);
	return program_start(self, err);
}

const struct lnr_output_driver lnr_output_driver_program = {
	.name = "program",
	.desc = "the standard input of a shell command",
	.order = 40,
	.open = program_open,
	.send = program_send,
	.reopen = program_reopen,
	.close = program_close,
};
