/* Recipes: files of options, one a line, named on the command line as @FILE. docs/command-line.md describes
 * them. */
#ifndef NUDGE_CLI_OPTIONS_RECIPE_H
#define NUDGE_CLI_OPTIONS_RECIPE_H

#include <argp.h>
#include <stddef.h>

/* *text = the file's text, to be freed. Tells what is wrong; returns the exit status. */
int recipe_read(const char *path, char **text);

/* Calls `take` for every line that has an option, as the words of a command line (argv[0] is empty), until it
 * returns other than 0. The words stand in `text`, which is changed. */
typedef error_t recipe_line_taker(void *user, size_t line, int argc, char **argv);
error_t recipe_each_line(char *text, recipe_line_taker *take, void *user);

#endif
