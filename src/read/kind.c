/* See kind.h. */
#include "read/kind.h"

#include <string.h>

static const struct kind {
    const char *start; /* in lower case */
    const char *sentence;
} kinds[] = {
    {"<!doctype", "looks like a web page, not data: fetch it again"},
    {"<html", "looks like a web page, not data: fetch it again"},
    {"<?xml", "looks like a web page or XML, not data: fetch it again"},
    {"version https://git-lfs",
     "is a pointer file of a large-file store (Git LFS), not the data themselves: fetch them (git lfs pull)"},
    {"../../.git/annex",
     "is a pointer file of git-annex, not the data themselves: fetch them (git annex get)"},
    {"/annex/objects", "is a pointer file of git-annex, not the data themselves: fetch them (git annex get)"},
    {"pk\003\004", "is a zip archive: unpack it (unzip)"},
    {"bzh", "is packed by bzip2: unpack it (bunzip2)"},
    {"\xFD"
     "7zxz",
     "is packed by xz: unpack it (unxz)"},
    {"\x28\xB5\x2F\xFD", "is packed by zstd: unpack it (unzstd)"},
    {"%pdf", "is a PDF document, not data"},
};

static unsigned char lower(unsigned char c) {
    return c >= 'A' && c <= 'Z' ? (unsigned char)(c + 'a' - 'A') : c;
}

const char *file_kind(const unsigned char *bytes, size_t count) {
    while (count > 0 && (*bytes == ' ' || *bytes == '\n' || *bytes == '\r' || *bytes == '\t')) {
        bytes++;
        count--;
    }
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        size_t length = strlen(kinds[i].start), same = 0;
        while (same < length && same < count && lower(bytes[same]) == (unsigned char)kinds[i].start[same])
            same++;
        if (same == length) return kinds[i].sentence;
    }
    return NULL;
}
