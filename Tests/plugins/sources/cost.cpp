// A validator in C++: wants a label cost_centre. With AMEND it puts VALUE there, unless the question says UNLESS.
#include <string_view>

#include "berth_plugin.h"

#ifndef VALUE
#define VALUE R"("none")"
#endif
#ifndef UNLESS
#define UNLESS R"("cost_centre":)"
#endif

namespace {

void start(void *, berth_plugin_sink, void *) {}

int32_t handle(void *, const uint8_t *bytes, size_t count, berth_plugin_sink reply, void *to) {
    const std::string_view request(reinterpret_cast<const char *>(bytes), count);
    const auto say = [&](std::string_view text) { reply(to, reinterpret_cast<const uint8_t *>(text.data()), text.size()); };
    const auto is = [&](std::string_view call) { return request.find(call) != std::string_view::npos; };
    if (is(R"("call":"start")")) {
        say("{}");
    } else if (is(R"("call":"amend")")) {
#ifdef AMEND
        say(is(UNLESS) ? R"({"amendments":[]})"
                       : R"({"amendments":[{"pointer":")" AMEND R"(","value":)" VALUE R"(,"reason":"nobody said"}]})");
#else
        say(R"({"amendments":[]})");
#endif
    } else if (is(R"("call":"validate")")) {
        say(is(R"("cost_centre":)") ? R"({"violations":[]})"
                                    : R"({"violations":[{"code":"cost_centre","pointer":"/labels","message":"no cost centre"}]})");
    } else {
        return BERTH_PLUGIN_UNKNOWN_CALL;
    }
    return BERTH_PLUGIN_OK;
}

const berth_plugin_v1 plugin = {
    BERTH_PLUGIN_MAGIC, sizeof(berth_plugin_v1), BERTH_PLUGIN_ABI_MAJOR, BERTH_PLUGIN_ABI_MINOR, 0, "C++", nullptr,
    start, handle, nullptr};

}  // namespace

extern "C" const berth_plugin_v1 *berth_plugin_entry_v1() { return &plugin; }
