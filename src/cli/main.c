/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program: find the subcommand, parse its options, run it. Called as "falco", or with an option
 * as its first word, it is Falco's command line, which is `run` with that spelling.
 */
#include <errno.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include "base/util.h"
#include "cli/cli.h"

#define LNR_ROW(name) extern const struct lnr_cmd lnr_cmd_##name;
#include "cmds.inc"
#undef LNR_ROW

static const struct lnr_cmd *const commands[] = {
#define LNR_ROW(name) &lnr_cmd_##name,
#include "cmds.inc"
#undef LNR_ROW
};

const struct lnr_cmd *lnr_cmd_at(size_t i)
{
	return i < LNR_ARRAY_SIZE(commands) ? commands[i] : NULL;
}

const struct lnr_cmd *lnr_cmd_find(const char *name)
{
	for (size_t i = 0; i < LNR_ARRAY_SIZE(commands); i++) {
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	}
	return NULL;
}

int lnr_die(const char *fmt, ...)
{
	LNR_AUTO_FREE char *text = NULL;
	va_list ap;
	va_start(ap, fmt);
	if (vasprintf(&text, fmt, ap) < 0)
		text = NULL;
	va_end(ap);
	lnr_cli_say(LNR_LOG_CRITICAL, "Error: ", lnr_str_c(text ? text : "out of memory"));
	return 1;
}

int lnr_print(const struct lnr_buf *b)
{
	if (b->failed)
		return lnr_die("out of memory");
	if (fwrite(b->ptr ? b->ptr : "", 1, b->len, stdout) != b->len || fflush(stdout))
		return lnr_die("cannot write to standard output: %s", strerror(errno));
	return 0;
}

void lnr_cmd_usage(const struct lnr_cmd *cmd, FILE *out)
{
	struct lnr_buf b;
	lnr_buf_init(&b, 0);
	lnr_buf_printf(&b, "lanner %s [OPTION...]%s%s\n  %s\n\n", cmd->name,
		cmd->args && *cmd->args ? " " : "", cmd->args ? cmd->args : "", cmd->summary);
	lnr_opts_usage(cmd->opts, &b);
	fwrite(b.ptr, 1, b.len, out);
	lnr_buf_done(&b);
}

static int unknown_command(const char *name)
{
	const char *near = NULL;
	unsigned best = 3;
	for (size_t i = 0; i < LNR_ARRAY_SIZE(commands); i++) {
		unsigned d = lnr_str_distance(lnr_str_c(name), lnr_str_c(commands[i]->name), best);
		if (d < best) {
			best = d;
			near = commands[i]->name;
		}
	}
	return lnr_die("there is no command \"%s\"%s%s%s; see 'lanner help'", name,
		near ? " (did you mean \"" : "", near ? near : "", near ? "\"?)" : "");
}

/* Every command explains itself; those with an option of that name see to it themselves. */
static bool asks_for_help(const struct lnr_cmd *cmd, int argc, char **argv)
{
	for (const struct lnr_opt *o = cmd->opts; o->kind != LNR_OPT_END; o++) {
		if (o->shrt == 'h')
			return false;
	}
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		if (strcmp(argv[i], "-h") == 0 || strcmp(argv[i], "--help") == 0)
			return true;
	}
	return false;
}

static int run_command(const struct lnr_cmd *cmd, int argc, char **argv)
{
	struct lnr_err err = {0};
	const char **rest = NULL;
	if (asks_for_help(cmd, argc, argv)) {
		lnr_cmd_usage(cmd, stdout);
		return 0;
	}
	void *opts = calloc(1, cmd->opts_size ? cmd->opts_size : 1);
	if (!opts)
		return lnr_die("out of memory");
	int status;
	if (lnr_opts_parse(cmd->opts, opts, argc, argv, &rest, &err))
		status = lnr_die("%s; see 'lanner help %s'", err.msg, cmd->name);
	else if (!cmd->args && !cmd->ignore_words && rest[0])
		status = lnr_die(
			"unexpected word \"%s\"; see 'lanner help %s'", rest[0], cmd->name);
	else
		status = cmd->run(opts, rest);
	lnr_opts_done(cmd->opts, opts);
	free(rest);
	free(opts);
	return status;
}

/*
 * glibc raises the size from which memory goes back to the system when it is freed, up to 32 MiB,
 * to the largest that was freed so far: a few request bodies of 12 MB would stay with us for ever.
 */
#define GO_BACK_BYTES (4 << 20)

static void return_large_memory(void)
{
#ifdef __GLIBC__
	mallopt(M_MMAP_THRESHOLD, GO_BACK_BYTES);
	mallopt(M_TRIM_THRESHOLD, 2 * GO_BACK_BYTES);
#endif
}

int main(int argc, char **argv)
{
	return_large_memory();
	const char *slash = strrchr(argv[0] ? argv[0] : "", '/');
	const char *self = slash ? slash + 1 : argv[0];
	bool falco = self && strcmp(self, "falco") == 0;
	if (falco || (argc > 1 && argv[1][0] == '-'))
		return run_command(lnr_cmd_find("run"), argc, argv);
	if (argc < 2)
		return run_command(lnr_cmd_find("help"), argc, argv);
	const struct lnr_cmd *cmd = lnr_cmd_find(argv[1]);
	if (!cmd)
		return unknown_command(argv[1]);
	return run_command(cmd, argc - 1, argv + 1);
}
