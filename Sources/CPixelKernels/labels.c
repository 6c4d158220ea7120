// Given labels: looked up and counted.
#include "sums.h"

mlk_label_table mlk_make_label_table(const int32_t *classes, int32_t unusable) {
    mlk_label_table table = {.unusable = unusable, .is_plain = true, .class_count = 0, .ignored = 256};
    memcpy(table.classes, classes, sizeof table.classes);
    for (int32_t value = 0; value < 256; value++) {
        int32_t class = classes[value];
        if (class == value)
            table.class_count = value + 1;
        else if (class == -1 && table.ignored == 256)
            table.ignored = value;
        else if (class != unusable)
            table.is_plain = false;
    }
    // Plain also means that no value below the last class is unusable.
    for (int32_t value = 0; value < table.class_count; value++)
        table.is_plain &= classes[value] != unusable;
    return table;
}

bool mlk_look_up(const uint8_t *from, size_t count, const mlk_label_table *table, int32_t *to) {
    bool bad = false;
    size_t done = 0;
#if defined(__x86_64__)
    if (table->is_plain && mlk_has_avx2()) {
        done = count & ~(size_t)7;
        bad = mlk_look_up_avx2(from, done, table->class_count, table->ignored, to);
    }
#endif
    for (size_t x = done; x < count; x++) {
        int32_t label = table->classes[from[x]];
        bad |= label == table->unusable;
        to[x] = label;
    }
    return bad;
}

/// Labels are counted in four tables in turn, so that the counts of pixels with one label do not wait for one another.
enum { table_count = 4 };

uint32_t mlk_count(const int32_t *labels, uint32_t count, uint32_t classes, uint64_t *counts) {
    uint32_t tables[table_count][MLK_TABLE_CLASSES + 1];
    uint32_t x = 0, counted = 0;
    if (classes <= MLK_TABLE_CLASSES) {
        for (uint32_t i = 0; i < table_count; i++)
            memset(tables[i], 0, (classes + 1) * sizeof tables[i][0]);
        // Ignored pixels, whose label is -1, are counted in an entry of their own.
        for (; x + table_count <= count; x += table_count)
#pragma clang loop unroll(full)
            for (uint32_t i = 0; i < table_count; i++)
                tables[i][labels[x + i] + 1] += 1;
        for (uint32_t label = 0; label < classes; label++) {
            for (uint32_t i = 0; i < table_count; i++) {
                counts[label] += tables[i][label + 1];
                counted += tables[i][label + 1];
            }
        }
    }
    for (; x < count; x++) {
        if (labels[x] >= 0) {
            counts[labels[x]] += 1;
            counted += 1;
        }
    }
    return counted;
}
