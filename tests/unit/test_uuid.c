#include "base/uuid.h"

#include "tap.h"

int
main(void)
{
    static const uint8_t ones[10] = {255, 255, 255, 255, 255, 255, 255, 255, 255, 255};
    struct tp_err        err = TP_ERR_INIT;
    struct tp_uuid       id, again;
    char                 text[TP_UUID_TEXT];

    id = tp_uuid_v7((struct tp_time){INT64_C(1645557742000000)}, ones);
    tp_uuid_print(text, id);
    is(text, "017f22e2-79b0-7fff-bfff-ffffffffffff", "the time, version 7 and the variant stand in it");
    ok(tp_uuid_time(id).us == INT64_C(1645557742000000), "its millisecond reads back");
    ok(!tp_uuid_parse("017F22E2-79B0-7FFF-BFFF-FFFFFFFFFFFF", 36, &again, &err)
           && tp_uuid_equal(id, again),
       "capital letters read as small ones");
    ok(tp_uuid_parse("017f22e279b07fffbfffffffffffffff", 32, &again, &err) && err.code == TP_EINPUT,
       "hyphens are needed");
    ok(tp_uuid_parse("017f22e2-79b0-7fff-bfff-fffffffffffg", 36, &again, &err), "g is no digit");
    ok(tp_uuid_parse("", 0, &again, &err), "nothing is no UUID");
    ok(tp_uuid_new((struct tp_time){0}, &id, &err) == 0
           && tp_uuid_new((struct tp_time){0}, &again, &err) == 0 && !tp_uuid_equal(id, again),
       "two new ids of one millisecond differ");
    for (uint32_t n = 1; n < 1 << 26; n = n * 2 + 3) {
        ok(tp_uuid_nth((struct tp_time){0}, n - 1, &id, &err) == 0
               && tp_uuid_nth((struct tp_time){0}, n, &again, &err) == 0 && memcmp(&id, &again, sizeof id) < 0,
           "id %u of a millisecond sorts behind the one before", n);
        tp_uuid_print(text, again);
        ok(text[14] == '7' && strchr("89ab", text[19]), "and is of version 7");
    }
    ok(tp_uuid_print(text, (struct tp_uuid){{0}}) == 0, "none prints as nothing");
    return done();
}
