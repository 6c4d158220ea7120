// The dict of an NPY header. It is a Python literal, but only the three entries that NPY defines are of use. Each of
// them is parsed by its own rule, and anything else is an error at its first byte. Nothing recurses, so nested brackets
// cost nothing.
#include "internal.h"

#include <string.h>

typedef struct cursor {
    const uint8_t *bytes;
    size_t size, at;
    uint8_t major;
    uint64_t base;
    host_failure *failure;
} cursor;

static npio_status fail_at(const cursor *c, npio_status status) {
    c->failure->byte_offset = (int64_t)(c->base + c->at);
    return status;
}

static npio_status syntax(const cursor *c, const char *wanted) {
    return fail_at(c, npio_fail_text(c->failure, NPIO_HEADER_SYNTAX, wanted, strlen(wanted)));
}

static void skip_space(cursor *c) {
    while (c->at < c->size) {
        uint8_t b = c->bytes[c->at];
        if (b != ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f') {
            return;
        }
        c->at++;
    }
}

static bool next_is(const cursor *c, char b) {
    return c->at < c->size && c->bytes[c->at] == (uint8_t)b;
}

static bool take(cursor *c, char b) {
    skip_space(c);
    if (!next_is(c, b)) {
        return false;
    }
    c->at++;
    return true;
}

/// Fails with the value at the cursor, as far as a message should quote it: up to one of `stops`, or to the header's
/// end.
static npio_status bad_up_to(const cursor *c, npio_status status, const char *stops) {
    size_t n = 0;
    while (c->at + n < c->size && n < 40 && memchr(stops, c->bytes[c->at + n], strlen(stops)) == NULL) {
        n++;
    }
    return fail_at(c, npio_fail_text(c->failure, status, c->bytes + c->at, n));
}

static npio_status bad_value(const cursor *c, npio_status status) {
    return bad_up_to(c, status, ",\n}");
}

static npio_status bad_length(const cursor *c, npio_status status) {
    return bad_up_to(c, status, ",)\n}");
}

/// Takes a string in either kind of quotes, without escapes; `*text` points into the header.
static npio_status take_string(cursor *c, const uint8_t **text, size_t *size) {
    skip_space(c);
    // Python 2 with unicode_literals wrote u'descr'.
    if (c->at + 1 < c->size && c->bytes[c->at] == 'u' && (c->bytes[c->at + 1] == '\'' || c->bytes[c->at + 1] == '"')) {
        c->at++;
    }
    if (!next_is(c, '\'') && !next_is(c, '"')) {
        return syntax(c, "a quoted string");
    }
    uint8_t quote = c->bytes[c->at++];
    size_t start = c->at;
    while (c->at < c->size && c->bytes[c->at] != quote) {
        if (c->bytes[c->at] == '\\' || c->bytes[c->at] == '\n') {
            return syntax(c, "a string without escapes on one line");
        }
        c->at++;
    }
    if (c->at == c->size) {
        return syntax(c, "the end of a quoted string");
    }
    *text = c->bytes + start;
    *size = c->at++ - start;
    return NPIO_OK;
}

static npio_status take_descr(cursor *c, npio_header *header) {
    skip_space(c);
    size_t start = c->at;
    if (next_is(c, '[') || next_is(c, '(')) {
        return bad_value(c, NPIO_STRUCTURED_DTYPE);
    }
    if (!next_is(c, '\'') && !next_is(c, '"') && !next_is(c, 'u')) {
        return bad_value(c, NPIO_BAD_DTYPE);
    }
    const uint8_t *text;
    size_t size;
    npio_status status = take_string(c, &text, &size);
    if (status != NPIO_OK) {
        return status;
    }
    size_t end = c->at;
    c->at = start;
    const uint8_t *rest = text;
    size_t left = size;
    char order = '=';
    if (left > 0 && (*rest == '<' || *rest == '>' || *rest == '=' || *rest == '|')) {
        order = (char)*rest++;
        left--;
    }
    if (left > 0 && *rest == 'O') {
        return fail_at(c, npio_fail_text(c->failure, NPIO_OBJECT_DTYPE, text, size));
    }
    bool one = left == 2 && rest[1] == '1' && (rest[0] == 'b' || rest[0] == 'i' || rest[0] == 'u');
    bool more = left == 2 && (rest[0] == 'i' || rest[0] == 'u' || rest[0] == 'f')
        && (rest[1] == '2' || rest[1] == '4' || rest[1] == '8');
    // Two bytes without a meaning, as which NumPy saves bfloat16.
    bool raw = left == 2 && rest[0] == 'V' && rest[1] == '2';
    if (!one && !more && !raw) {
        return fail_at(c, npio_fail_text(c->failure, NPIO_BAD_DTYPE, text, size));
    }
    header->kind = (char)rest[0];
    header->item_size = (uint32_t)(rest[1] - '0');
    // "=" and "|" name the machine's own order, which for every machine NumPy files come from today is little-endian.
    header->big_endian = order == '>' && header->item_size > 1;
    c->at = end;
    return NPIO_OK;
}

static bool is_word(uint8_t b) {
    return (b >= 'a' && b <= 'z') || (b >= 'A' && b <= 'Z') || (b >= '0' && b <= '9') || b == '_';
}

static npio_status take_fortran_order(cursor *c, npio_header *header) {
    skip_space(c);
    size_t n = 0;
    while (c->at + n < c->size && is_word(c->bytes[c->at + n])) {
        n++;
    }
    if (n == 4 && memcmp(c->bytes + c->at, "True", 4) == 0) {
        header->fortran_order = true;
    } else if (n == 5 && memcmp(c->bytes + c->at, "False", 5) == 0) {
        header->fortran_order = false;
    } else {
        return bad_value(c, NPIO_BAD_FORTRAN_ORDER);
    }
    c->at += n;
    return NPIO_OK;
}

static npio_status take_length(cursor *c, uint64_t *length) {
    skip_space(c);
    size_t start = c->at;
    if (next_is(c, '-')) {
        return bad_length(c, NPIO_SHAPE_NEGATIVE);
    }
    uint64_t value = 0;
    while (c->at < c->size && c->bytes[c->at] >= '0' && c->bytes[c->at] <= '9') {
        uint64_t digit = (uint64_t)(c->bytes[c->at] - '0');
        if (value > ((uint64_t)INT64_MAX - digit) / 10) {
            c->at = start;
            return bad_length(c, NPIO_SHAPE_TOO_LARGE);
        }
        value = value * 10 + digit;
        c->at++;
    }
    // In Python no decimal number of several digits starts with 0.
    bool leading_zero = c->at - start > 1 && c->bytes[start] == '0';
    bool none = c->at == start;
    // Python 2 wrote 3L. NumPy drops the letter in versions 1 and 2 only.
    if (!none && c->major < 3 && next_is(c, 'L')) {
        c->at++;
    }
    bool joined = c->at < c->size && (is_word(c->bytes[c->at]) || c->bytes[c->at] == '.');
    if (none || leading_zero || joined) {
        c->at = start;
        return bad_length(c, NPIO_SHAPE_NOT_INTEGERS);
    }
    *length = value;
    return NPIO_OK;
}

static npio_status take_shape(cursor *c, npio_header *header) {
    skip_space(c);
    size_t start = c->at;
    if (!take(c, '(')) {
        return bad_value(c, NPIO_SHAPE_NOT_TUPLE);
    }
    uint32_t count = 0;
    bool comma = true;
    while (!take(c, ')')) {
        if (!comma) {
            return syntax(c, "',' or ')'");
        }
        uint64_t length;
        skip_space(c);
        size_t place = c->at;
        npio_status status = take_length(c, &length);
        if (status != NPIO_OK) {
            return status;
        }
        if (count == NPIO_MAX_AXES) {
            c->at = place;
            return fail_at(c, npio_fail_numbers(c->failure, NPIO_TOO_MANY_AXES, 0, NPIO_MAX_AXES));
        }
        header->shape[count++] = length;
        comma = take(c, ',');
    }
    if (count == 1 && !comma) {
        // (576) is a number in brackets and no tuple.
        c->at = start;
        return bad_value(c, NPIO_SHAPE_NOT_TUPLE);
    }
    header->axis_count = count;
    return NPIO_OK;
}

static bool is_utf8(const uint8_t *p, size_t n) {
    size_t i = 0;
    while (i < n) {
        uint8_t b = p[i];
        size_t more = b < 0x80 ? 0 : b >= 0xC2 && b < 0xE0 ? 1 : b >= 0xE0 && b < 0xF0 ? 2 : b >= 0xF0 && b < 0xF5 ? 3 : 4;
        if (more == 4 || more > n - i - 1) {
            return false;
        }
        for (size_t j = 1; j <= more; j++) {
            if (p[i + j] >> 6 != 2) {
                return false;
            }
        }
        // Overlong forms, surrogates and code points beyond U+10FFFF show in the second byte.
        if ((b == 0xE0 && p[i + 1] < 0xA0) || (b == 0xED && p[i + 1] > 0x9F) || (b == 0xF0 && p[i + 1] < 0x90)
            || (b == 0xF4 && p[i + 1] > 0x8F)) {
            return false;
        }
        i += more + 1;
    }
    return true;
}

/// Sets the size of the data; false where it does not fit. Axes of length 0 are left out of the product: NumPy refuses
/// a shape whose other lengths do not fit, and so does this.
static bool set_size(npio_header *header) {
    uint64_t size = header->item_size;
    bool empty = false;
    for (uint32_t i = 0; i < header->axis_count; i++) {
        if (header->shape[i] == 0) {
            empty = true;
        } else if (__builtin_mul_overflow(size, header->shape[i], &size) || size > INT64_MAX) {
            return false;
        }
    }
    header->data_size = empty ? 0 : size;
    return true;
}

npio_status npio_header_parse(const uint8_t *bytes, size_t count, uint8_t major, uint64_t base, npio_header *header,
                              host_failure *failure) {
    enum { descr = 1, fortran_order = 2, shape = 4 };
    static const struct {
        const char *name;
        size_t size;
        unsigned bit;
    } keys[] = {{"descr", 5, descr}, {"fortran_order", 13, fortran_order}, {"shape", 5, shape}};
    cursor c = {.bytes = bytes, .size = count, .major = major, .base = base, .failure = failure};
    memset(header, 0, sizeof *header);
    if (major >= 3 && !is_utf8(bytes, count)) {
        return fail_at(&c, npio_fail(failure, NPIO_HEADER_NOT_UTF8));
    }
    skip_space(&c);
    size_t open_brace = c.at;
    if (!take(&c, '{')) {
        return bad_value(&c, NPIO_HEADER_NOT_DICT);
    }
    unsigned seen = 0;
    bool comma = true;
    while (!take(&c, '}')) {
        if (!comma) {
            return syntax(&c, "',' or '}'");
        }
        const uint8_t *text;
        size_t size;
        npio_status status = take_string(&c, &text, &size);
        if (status != NPIO_OK) {
            return status;
        }
        unsigned bit = 0;
        for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
            if (size == keys[i].size && memcmp(text, keys[i].name, size) == 0) {
                bit = keys[i].bit;
            }
        }
        if (!take(&c, ':')) {
            return syntax(&c, "':' after a key");
        }
        if (bit == 0 || (seen & bit) != 0) {
            return fail_at(&c, npio_fail_text(failure, bit == 0 ? NPIO_UNEXPECTED_KEY : NPIO_REPEATED_KEY, text, size));
        }
        seen |= bit;
        status = bit == descr           ? take_descr(&c, header)
                 : bit == fortran_order ? take_fortran_order(&c, header)
                                        : take_shape(&c, header);
        if (status != NPIO_OK) {
            return status;
        }
        comma = take(&c, ',');
    }
    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++) {
        if ((seen & keys[i].bit) == 0) {
            c.at = open_brace;
            return fail_at(&c, npio_fail_text(failure, NPIO_MISSING_KEY, keys[i].name, keys[i].size));
        }
    }
    skip_space(&c);
    if (c.at < c.size) {
        return syntax(&c, "nothing but blanks after the dict");
    }
    if (!set_size(header)) {
        c.at = open_brace;
        return fail_at(&c, npio_fail(failure, NPIO_SHAPE_TOO_LARGE));
    }
    return NPIO_OK;
}

uint64_t npio_header_axis(const npio_header *header, uint32_t axis) {
    return axis < header->axis_count && axis < NPIO_MAX_AXES ? header->shape[axis] : 0;
}
