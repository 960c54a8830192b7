/* See zip.h. An archive is read from its end: a record tells where the directory is, the directory where each member's
 * local header is, and the local header where the member's bytes begin. */
#include "read/zip.h"

#include "base/status.h"
#include "read/kind.h"
#include "read/zlib_memory.h"

#include <string.h>

enum {
    END_SIZE = 22,
    LONGEST_COMMENT = 65535,
    LOCATOR_SIZE = 20,
    END64_SIZE = 56,
    ENTRY_SIZE = 46,
    LOCAL_SIZE = 30,
    MOST_DIRECTORY = 16 << 20,
    MOST_AT_ONCE = 1 << 30,
    BUFFER = 64 * 1024,
    DEFLATE_RATIO = 1032,
    ENCRYPTED = 1 | 1 << 6, /* flags */
    STORED = 0,
    DEFLATE = 8,
    ZIP64_FIELD = 1,
};

static const uint32_t end_mark = 0x06054B50, locator_mark = 0x07064B50, end64_mark = 0x06064B50,
                      entry_mark = 0x02014B50, local_mark = 0x04034B50;

static uint64_t number(const unsigned char *bytes, size_t count) {
    uint64_t value = 0;
    for (size_t i = count; i-- > 0;) value = value << 8 | bytes[i];
    return value;
}
static uint32_t u16(const unsigned char *bytes) {
    return (uint32_t)number(bytes, 2);
}
static uint32_t u32(const unsigned char *bytes) {
    return (uint32_t)number(bytes, 4);
}

static nudge_status refuse_archive(const struct zip *zip, const char *what, nudge_error *error) {
    return error_set(error, NUDGE_BAD_INPUT, "%s: %s", shown(zip->file.path).text, what);
}

static nudge_status read_exactly(const struct zip *zip, uint64_t position, void *bytes, size_t count,
                                 nudge_error *error) {
    size_t got;
    nudge_status status = file_reader_read_at(&zip->file, position, bytes, count, &got, error);
    if (status || got == count) return status;
    return error_set(error, NUDGE_BAD_INPUT, "%s: has become shorter: no byte at %llu",
                     shown(zip->file.path).text, (unsigned long long)(position + got));
}

/* -- the record at the end -- */

struct end_record {
    uint64_t disk, directory_disk, count, size, at;
    uint64_t limit; /* where the records at the end begin: the directory lies before */
};

/* A web page under an archive's name, say; or an archive that is cut short. */
static nudge_status refuse_no_end(const struct zip *zip, nudge_error *error) {
    unsigned char start[64];
    size_t got;
    nudge_status status = file_reader_read_at(&zip->file, 0, start, sizeof start, &got, error);
    if (status) return status;
    bool begins = got >= 4 && u32(start) == local_mark;
    const char *kind = begins ? NULL : file_kind(start, got);
    if (begins) kind = "a zip archive that is cut short: its end is missing";
    return refuse_archive(zip, kind ? kind : "no zip archive, expected a .npz file of NumPy", error);
}

/* The last place whose comment reaches to the file's end. */
static bool find_end(const unsigned char *tail, size_t count, size_t *place) {
    for (size_t at = count - END_SIZE + 1; at-- > 0;)
        if (u32(tail + at) == end_mark && at + END_SIZE + u16(tail + at + 20) == count) {
            *place = at;
            return true;
        }
    return false;
}

static nudge_status read_end64(const struct zip *zip, uint64_t end_at, struct end_record *end,
                               nudge_error *error) {
    unsigned char locator[LOCATOR_SIZE], bytes[END64_SIZE];
    if (end_at < LOCATOR_SIZE + END64_SIZE) return NUDGE_OK;
    nudge_status status = read_exactly(zip, end_at - LOCATOR_SIZE, locator, sizeof locator, error);
    if (status || u32(locator) != locator_mark) return status;
    uint64_t at = number(locator + 8, 8);
    if (at > end_at - LOCATOR_SIZE - END64_SIZE)
        return refuse_archive(zip, "the zip archive is damaged: its 64-bit end record lies outside", error);
    status = read_exactly(zip, at, bytes, sizeof bytes, error);
    if (!status && u32(bytes) != end64_mark)
        status = refuse_archive(zip, "the zip archive is damaged: it has no 64-bit end record", error);
    if (status) return status;
    *end = (struct end_record){u32(bytes + 16),       u32(bytes + 20),       number(bytes + 32, 8),
                               number(bytes + 40, 8), number(bytes + 48, 8), at};
    return NUDGE_OK;
}

static nudge_status check_end(const struct zip *zip, const struct end_record *end, nudge_error *error) {
    if (end->disk || end->directory_disk)
        return refuse_archive(zip, "a zip archive split into several files, expected one whole", error);
    if (end->at > end->limit || end->size > end->limit - end->at)
        return refuse_archive(zip, "the zip archive is damaged: its directory lies outside", error);
    if (end->size > MOST_DIRECTORY)
        return error_set(error, NUDGE_BAD_INPUT, "%s: a zip directory of %llu bytes, expected at most %d",
                         shown(zip->file.path).text, (unsigned long long)end->size, MOST_DIRECTORY);
    if (end->count > end->size / ENTRY_SIZE)
        return refuse_archive(zip, "the zip archive is damaged: its directory is too small for its members",
                              error);
    return NUDGE_OK;
}

static nudge_status parse_end(const struct zip *zip, const unsigned char *tail, size_t count,
                              struct end_record *end, nudge_error *error) {
    size_t place;
    if (!find_end(tail, count, &place)) return refuse_no_end(zip, error);
    const unsigned char *bytes = tail + place;
    uint64_t end_at = zip->file.size - count + place;
    *end = (struct end_record){u16(bytes + 4),  u16(bytes + 6),  u16(bytes + 10),
                               u32(bytes + 12), u32(bytes + 16), end_at};
    nudge_status status = read_end64(zip, end_at, end, error);
    return status ? status : check_end(zip, end, error);
}

static nudge_status read_end(const struct zip *zip, struct end_record *end, nudge_error *error) {
    size_t most = END_SIZE + LONGEST_COMMENT, count = zip->file.size < most ? (size_t)zip->file.size : most;
    if (count < END_SIZE) return refuse_no_end(zip, error);
    unsigned char *tail = memory_get(zip->allocator, most);
    if (!tail) return error_no_memory(error, most, "a zip archive's end");
    nudge_status status = read_exactly(zip, zip->file.size - count, tail, count, error);
    if (!status) status = parse_end(zip, tail, count, end, error);
    memory_release(zip->allocator, tail, most);
    return status;
}

/* -- the directory -- */

/* Sizes and place that do not fit in 32 bits stand in a field of their own, in this order, those alone that are needed. */
static bool take_zip64(struct zip_member *member, const unsigned char *extra, size_t length) {
    uint64_t *const wanted[] = {&member->size, &member->packed, &member->at};
    while (length >= 4) {
        size_t kind = u16(extra), size = u16(extra + 2);
        extra += 4;
        length -= 4;
        if (size > length) return false;
        for (size_t i = 0; kind == ZIP64_FIELD && i < 3; i++) {
            if (*wanted[i] != UINT32_MAX) continue;
            if (size < 8) return false;
            *wanted[i] = number(extra, 8);
            extra += 8;
            length -= 8;
            size -= 8;
        }
        extra += size;
        length -= size;
    }
    return true;
}

/* The entry at `bytes`, of which `left` are there; *used = its bytes. False: it is none. */
static bool take_entry(struct zip_member *member, const unsigned char *bytes, size_t left, size_t *used) {
    if (left < ENTRY_SIZE || u32(bytes) != entry_mark) return false;
    size_t name = u16(bytes + 28), extra = u16(bytes + 30), comment = u16(bytes + 32);
    *used = ENTRY_SIZE + name + extra + comment;
    if (*used > left) return false;
    *member = (struct zip_member){
        .name = (const char *)bytes + ENTRY_SIZE,
        .name_length = name,
        .method = u16(bytes + 10),
        .encrypted = (u16(bytes + 8) & ENCRYPTED) != 0,
        .crc = u32(bytes + 16),
        .packed = u32(bytes + 20),
        .size = u32(bytes + 24),
        .at = u32(bytes + 42),
    };
    return take_zip64(member, bytes + ENTRY_SIZE + name, extra);
}

static nudge_status read_directory(struct zip *zip, const struct end_record *end, nudge_error *error) {
    zip->directory_at = end->at;
    zip->directory_size = (size_t)end->size;
    zip->count = (size_t)end->count;
    zip->directory = memory_get(zip->allocator, zip->directory_size);
    zip->members = memory_get_zeroed(zip->allocator, zip->count * sizeof *zip->members);
    if (!zip->directory || !zip->members)
        return error_no_memory(error, zip->directory_size + zip->count * sizeof *zip->members,
                               "a zip archive's directory");
    nudge_status status = read_exactly(zip, end->at, zip->directory, zip->directory_size, error);
    size_t at = 0, used;
    for (size_t i = 0; !status && i < zip->count; i++, at += used)
        if (!take_entry(&zip->members[i], zip->directory + at, zip->directory_size - at, &used))
            return error_set(error, NUDGE_BAD_INPUT,
                             "%s: the zip archive is damaged: entry %zu of %zu of its directory is none",
                             shown(zip->file.path).text, i + 1, zip->count);
    return status;
}

nudge_status zip_open(struct zip *zip, const nudge_allocator *allocator, const char *path,
                      nudge_error *error) {
    struct end_record end = {0};
    *zip = (struct zip){.allocator = allocator};
    nudge_status status = file_reader_open(&zip->file, path, error);
    if (status) {
        *zip = (struct zip){0};
        return status;
    }
    status = read_end(zip, &end, error);
    if (!status) status = read_directory(zip, &end, error);
    if (status) zip_close(zip);
    return status;
}

void zip_close(struct zip *zip) {
    if (!zip->allocator) return;
    memory_release(zip->allocator, zip->directory, zip->directory_size);
    memory_release(zip->allocator, zip->members, zip->count * sizeof *zip->members);
    file_reader_close(&zip->file);
    *zip = (struct zip){0};
}

/* -- a member -- */

static nudge_status refuse_member(const struct zip_stream *stream, const char *what, nudge_error *error) {
    const struct zip_member *member = stream->member;
    return error_set(error, NUDGE_BAD_INPUT, "%s: %s: %s", shown(stream->zip->file.path).text,
                     shown_start(member->name, member->name_length).text, what);
}

static const char *method_name(unsigned method) {
    static const struct {
        unsigned method;
        const char *name;
    } names[] = {{1, "shrink"}, {6, "implode"}, {9, "deflate64"}, {12, "bzip2"},
                 {14, "LZMA"},  {93, "zstd"},   {95, "xz"},       {99, "AES encryption"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (names[i].method == method) return names[i].name;
    return "a method that is not known here";
}

static nudge_status check_member(const struct zip_stream *stream, nudge_error *error) {
    const struct zip_member *member = stream->member;
    if (member->encrypted)
        return refuse_member(stream, "is encrypted, expected an archive without a password", error);
    if (member->method != STORED && member->method != DEFLATE)
        return error_set(error, NUDGE_BAD_INPUT,
                         "%s: %s: packed by %s (method %u), expected deflate or none: save it again "
                         "(numpy.savez_compressed)",
                         shown(stream->zip->file.path).text,
                         shown_start(member->name, member->name_length).text, method_name(member->method),
                         member->method);
    bool possible = member->method == STORED ? member->size == member->packed
                                             : member->size / DEFLATE_RATIO <= member->packed;
    if (!possible)
        return error_set(
            error, NUDGE_BAD_INPUT,
            "%s: %s: %llu bytes in the archive cannot unpack to the %llu that its directory says",
            shown(stream->zip->file.path).text, shown_start(member->name, member->name_length).text,
            (unsigned long long)member->packed, (unsigned long long)member->size);
    return NUDGE_OK;
}

/* Where the member's bytes begin and end. */
static nudge_status find_bytes(struct zip_stream *stream, nudge_error *error) {
    const struct zip *zip = stream->zip;
    const struct zip_member *member = stream->member;
    unsigned char local[LOCAL_SIZE];
    static const char outside[] = "the archive is damaged: the member lies outside";
    if (zip->directory_at < LOCAL_SIZE || member->at > zip->directory_at - LOCAL_SIZE)
        return refuse_member(stream, outside, error);
    nudge_status status = read_exactly(zip, member->at, local, sizeof local, error);
    if (status) return status;
    if (u32(local) != local_mark || u16(local + 8) != member->method)
        return refuse_member(stream, "the archive is damaged: no local header where the directory says",
                             error);
    stream->next = member->at + LOCAL_SIZE + u16(local + 26) + u16(local + 28);
    if (stream->next > zip->directory_at || member->packed > zip->directory_at - stream->next)
        return refuse_member(stream, outside, error);
    stream->end = stream->next + member->packed;
    return NUDGE_OK;
}

nudge_status zip_stream_open(struct zip_stream *stream, const struct zip *zip, size_t member,
                             nudge_error *error) {
    *stream = (struct zip_stream){.zip = zip, .member = &zip->members[member]};
    nudge_status status = check_member(stream, error);
    if (!status) status = find_bytes(stream, error);
    if (!status) {
        stream->buffer = memory_get(zip->allocator, BUFFER);
        if (!stream->buffer) status = error_no_memory(error, BUFFER, "a file buffer");
    }
    if (!status && stream->member->method == DEFLATE) {
        stream->zlib = zlib_stream(zip->allocator);
        stream->inflating = inflateInit2(&stream->zlib, -MAX_WBITS) == Z_OK;
        if (!stream->inflating) status = error_no_memory(error, (size_t)1 << MAX_WBITS, "unpacking");
    }
    if (status) zip_stream_close(stream);
    return status;
}

void zip_stream_close(struct zip_stream *stream) {
    if (!stream->zip) return;
    if (stream->inflating) inflateEnd(&stream->zlib);
    memory_release(stream->zip->allocator, stream->buffer, BUFFER);
    *stream = (struct zip_stream){0};
}

static nudge_status refill(struct zip_stream *stream, nudge_error *error) {
    size_t count = stream->end - stream->next < BUFFER ? (size_t)(stream->end - stream->next) : BUFFER;
    nudge_status status = read_exactly(stream->zip, stream->next, stream->buffer, count, error);
    if (status) return status;
    stream->at = 0;
    stream->filled = count;
    stream->next += count;
    return NUDGE_OK;
}

/* Takes or unpacks bytes from the buffer, which is not empty unless the member's bytes are used up. */
static nudge_status deliver_some(struct zip_stream *stream, unsigned char *bytes, size_t count, size_t *made,
                                 nudge_error *error) {
    size_t ready = stream->filled - stream->at;
    *made = count < ready ? count : ready;
    if (stream->member->method == STORED) {
        memcpy(bytes, stream->buffer + stream->at, *made);
        stream->at += *made;
        return NUDGE_OK;
    }
    z_stream *zlib = &stream->zlib;
    unsigned room = count < MOST_AT_ONCE ? (unsigned)count : MOST_AT_ONCE;
    zlib->next_in = stream->buffer + stream->at;
    zlib->avail_in = (unsigned)ready;
    zlib->next_out = bytes;
    zlib->avail_out = room;
    int answer = inflate(zlib, Z_NO_FLUSH);
    stream->at = stream->filled - zlib->avail_in;
    *made = room - zlib->avail_out;
    stream->ended = answer == Z_STREAM_END;
    if (answer == Z_MEM_ERROR) return error_no_memory(error, (size_t)1 << MAX_WBITS, "unpacking");
    if (answer == Z_OK || answer == Z_STREAM_END || (answer == Z_BUF_ERROR && ready == 0)) return NUDGE_OK;
    return refuse_member(stream, "its packed bytes are damaged", error);
}

/* Exactly the bytes that the directory says, and nothing behind them. */
static nudge_status check_finish(struct zip_stream *stream, nudge_error *error) {
    unsigned char more;
    size_t made = 0;
    nudge_status status = NUDGE_OK;
    while (!status && made == 0 && stream->inflating && !stream->ended) {
        bool last = stream->at == stream->filled && stream->next == stream->end;
        if (!last && stream->at == stream->filled) status = refill(stream, error);
        if (!status) status = deliver_some(stream, &more, 1, &made, error);
        if (last && !stream->ended) break;
    }
    if (status) return status;
    if (made || (stream->inflating && !stream->ended) || stream->at < stream->filled ||
        stream->next < stream->end)
        return refuse_member(stream, "unpacks to something else than the bytes that its directory says",
                             error);
    if (stream->crc != stream->member->crc)
        return refuse_member(stream, "is damaged: its checksum (CRC-32) is wrong", error);
    return NUDGE_OK;
}

nudge_status zip_stream_read(struct zip_stream *stream, void *bytes, size_t count, size_t *got,
                             nudge_error *error) {
    uint64_t left = stream->member->size - stream->position;
    size_t wanted = count < left ? count : (size_t)left;
    nudge_status status = NUDGE_OK;
    *got = 0;
    while (*got < wanted) {
        size_t made;
        if (stream->at == stream->filled && stream->next < stream->end) status = refill(stream, error);
        bool used_up = stream->at == stream->filled && stream->next == stream->end;
        if (!status)
            status = deliver_some(stream, (unsigned char *)bytes + *got, wanted - *got, &made, error);
        if (status) return status;
        if (made == 0 && (used_up || stream->ended))
            return refuse_member(stream, "is cut short: it unpacks to fewer bytes than its directory says",
                                 error);
        stream->crc = (uint32_t)crc32_z(stream->crc, (unsigned char *)bytes + *got, made);
        *got += made;
        stream->position += made;
    }
    return wanted < count ? check_finish(stream, error) : NUDGE_OK;
}
