// One member: whether it can be read, and where its bytes are.
#include "zip.h"

#include <string.h>

enum { local_size = 30 };
static const uint32_t local_signature = 0x04034B50;

/// Checks everything about a member that the directory alone shows.
static npio_status check_entry(const npio_member *e, host_failure *failure) {
    if (e->fault != NPIO_OK) {
        return npio_fail(failure, (npio_status)e->fault);
    }
    // Bits 0, 6 and 13 mean encrypted, strongly encrypted and directory encrypted. Method 99 is WinZip's AES.
    if ((e->flags & (1 | 1 << 6 | 1 << 13)) != 0 || e->method == 99) {
        return npio_fail(failure, NPIO_ENCRYPTED);
    }
    if ((e->flags & 1 << 5) != 0) {
        return npio_fail(failure, NPIO_PATCHED);
    }
    if (e->method != 0 && e->method != 8) {
        return npio_fail_numbers(failure, NPIO_BAD_METHOD, e->method, 8);
    }
    if (e->method == 0 && e->compressed != e->uncompressed) {
        return npio_fail_numbers(failure, NPIO_STORED_SIZES, e->compressed, e->uncompressed);
    }
    if (e->shared) {
        return npio_fail(failure, NPIO_MEMBERS_OVERLAP);
    }
    return NPIO_OK;
}

/// Whether so many bytes can come out of a deflate stream. One byte of it gives at most 1,032: the shortest match takes
/// two bits and gives 258 bytes.
static bool can_inflate_to(uint64_t compressed, uint64_t uncompressed, uint64_t *most) {
    if (__builtin_mul_overflow(compressed, (uint64_t)1032, most) || __builtin_add_overflow(*most, (uint64_t)64, most)) {
        *most = UINT64_MAX;
    }
    return uncompressed <= *most;
}

npio_status npio_zip_locate(const npio_zip *zip, size_t index, uint64_t *data_offset, host_failure *failure) {
    if (index >= zip->count) {
        return npio_fail_internal(failure, "member index");
    }
    const npio_member *e = &zip->members[index];
    npio_status status = check_entry(e, failure);
    if (status == NPIO_OK && e->limit - e->offset < local_size) {
        status = npio_fail_at(failure, e->limit == zip->directory ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP, e->offset);
    }
    uint8_t local[local_size], piece[256];
    if (status == NPIO_OK) {
        status = npio_read(zip->file, e->offset, local, local_size, failure);
    }
    if (status == NPIO_OK && npio_get32(local) != local_signature) {
        status = npio_fail_at(failure, NPIO_LOCAL_SIGNATURE, e->offset);
    }
    uint64_t start = e->offset + local_size, room = e->limit - start;
    uint64_t names = (uint64_t)npio_get16(local + 26) + npio_get16(local + 28);
    if (status == NPIO_OK && npio_get16(local + 8) != e->method) {
        npio_fail_numbers(failure, NPIO_LOCAL_METHOD, npio_get16(local + 8), e->method);
        status = NPIO_LOCAL_METHOD;
    }
    if (status == NPIO_OK && npio_get16(local + 26) != e->name_size) {
        status = npio_fail_at(failure, NPIO_LOCAL_NAME, e->offset);
    }
    if (status == NPIO_OK && (names > room || e->compressed > room - names)) {
        bool last = e->limit == zip->directory;
        npio_fail_numbers(failure, last ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP, names > room ? 0 : room - names, e->compressed);
        failure->byte_offset = (int64_t)e->offset;
        status = last ? NPIO_MEMBER_RANGE : NPIO_MEMBERS_OVERLAP;
    }
    for (size_t i = 0; status == NPIO_OK && i < e->name_size; i += sizeof piece) {
        size_t n = e->name_size - i < sizeof piece ? e->name_size - i : sizeof piece;
        status = npio_read(zip->file, start + i, piece, n, failure);
        if (status == NPIO_OK && memcmp(piece, zip->names + e->name_at + i, n) != 0) {
            status = npio_fail_at(failure, NPIO_LOCAL_NAME, e->offset);
        }
    }
    uint64_t most;
    if (status == NPIO_OK && e->method == 8 && !can_inflate_to(e->compressed, e->uncompressed, &most)) {
        status = npio_fail_numbers(failure, NPIO_IMPOSSIBLE_SIZE, most, e->uncompressed);
    }
    if (status == NPIO_OK) {
        *data_offset = start + names;
    }
    return status;
}
