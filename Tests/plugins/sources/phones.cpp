// A provider in C++: two phones, each with a serial number that its reservation is told.
#include <map>
#include <string>
#include <string_view>

#include "berth_plugin.h"

namespace {

std::map<std::string, std::string> held;

std::string member(std::string_view text, const std::string &name) {
    const std::string start = "\"" + name + "\":\"";
    const auto at = text.find(start);
    if (at == std::string_view::npos) return {};
    const auto from = at + start.size();
    return std::string(text.substr(from, text.find('"', from) - from));
}

void start(void *, berth_plugin_sink, void *) {}

int32_t handle(void *, const uint8_t *bytes, size_t count, berth_plugin_sink reply, void *to) {
    const std::string_view request(reinterpret_cast<const char *>(bytes), count);
    const auto say = [&](const std::string &text) {
        reply(to, reinterpret_cast<const uint8_t *>(text.data()), text.size());
        return BERTH_PLUGIN_OK;
    };
    const auto is = [&](std::string_view call) {
        return request.find("\"call\":\"" + std::string(call) + "\"") != std::string_view::npos;
    };
    if (is("start")) return say("{}");
    if (is("discover"))
        return say(R"({"offers":[{"type":"example.com/phone","units":[{"name":"p1","capabilities":{"os":"android"}},)"
                   R"({"name":"p2","capabilities":{"os":"ios"}}]}]})");
    if (is("allocate")) {
        const std::string unit = request.find("\"p1\"") != std::string_view::npos ? "p1" : "p2";
        held[member(request, "reservation")] = unit;
        return say(R"({"environment":{"PHONE":"serial-)" + unit + "\"}}");
    }
    if (is("release")) {
        held.erase(member(request, "reservation"));
        return say("{}");
    }
    return BERTH_PLUGIN_UNKNOWN_CALL;
}

const berth_plugin_v1 plugin = {
    BERTH_PLUGIN_MAGIC, sizeof(berth_plugin_v1), BERTH_PLUGIN_ABI_MAJOR, BERTH_PLUGIN_ABI_MINOR, 0, "C++", nullptr,
    start, handle, nullptr};

}  // namespace

extern "C" const berth_plugin_v1 *berth_plugin_entry_v1() { return &plugin; }
