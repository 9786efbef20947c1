// What Python sees: objects whose __tallystick_hash__() hands over the table of a hash function.

#include <nanobind/nanobind.h>
#include <tallystick_hash.h>

#include <cstring>
#include <string>

#include "sm3.hpp"
#include "streebog.hpp"

namespace nb = nanobind;

namespace {

int sm3_rows(void* ctx, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* rows,
             std::size_t width, std::size_t n, std::uint8_t* out) noexcept {
    sm3::rows(*static_cast<const sm3::Path*>(ctx), prefix, prefix_length, rows, width, n, out);
    return TALLYSTICK_HASH_OK;
}

int sm3_ragged(void* ctx, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* data,
               const std::uint64_t* offsets, std::size_t n, std::uint8_t* out) noexcept {
    // Neighbours of one length are rows.
    for (std::size_t begin = 0, end; begin < n; begin = end) {
        const std::uint64_t width = offsets[begin + 1] - offsets[begin];
        for (end = begin + 1; end < n && offsets[end + 1] - offsets[end] == width; ++end) {
        }
        sm3_rows(ctx, prefix, prefix_length, data + offsets[begin], width, end - begin, out + begin * sm3::kDigest);
    }
    return TALLYSTICK_HASH_OK;
}

int streebog_ragged(void*, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* data,
                    const std::uint64_t* offsets, std::size_t n, std::uint8_t* out) noexcept {
    for (std::size_t row = 0; row < n; ++row) {
        streebog::digest(prefix, prefix_length, data + offsets[row], offsets[row + 1] - offsets[row],
                         out + row * streebog::kDigest);
    }
    return TALLYSTICK_HASH_OK;
}

int streebog_rows(void*, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* rows,
                  std::size_t width, std::size_t n, std::uint8_t* out) noexcept {
    for (std::size_t row = 0; row < n; ++row) {
        streebog::digest(prefix, prefix_length, rows + row * width, width, out + row * streebog::kDigest);
    }
    return TALLYSTICK_HASH_OK;
}

const auto* bytes(const char* text) { return reinterpret_cast<const std::uint8_t*>(text); }

// GB/T 32905-2016, A.1.
const char kSm3Message[] = "abc";
const std::uint8_t kSm3Digest[] = {0x66, 0xc7, 0xf0, 0xf4, 0x62, 0xee, 0xed, 0xd9, 0xd1, 0xf2, 0xd4,
                                   0x6b, 0xdc, 0x10, 0xe4, 0xe2, 0x41, 0x67, 0xc4, 0x87, 0x5c, 0xf2,
                                   0xf7, 0xa2, 0x29, 0x7d, 0xa0, 0x2b, 0x8f, 0x4b, 0xa8, 0xe0};

// RFC 6986, 10.1.2, with the lowest byte first.
const char kStreebogMessage[] = "012345678901234567890123456789012345678901234567890123456789012";
const std::uint8_t kStreebogDigest[] = {0x9d, 0x15, 0x1e, 0xef, 0xd8, 0x59, 0x0b, 0x89, 0xda, 0xa6, 0xba,
                                        0x6c, 0xb7, 0x4a, 0xf9, 0x27, 0x5d, 0xd0, 0x51, 0x02, 0x6b, 0xb1,
                                        0x49, 0xa4, 0x52, 0xfd, 0x84, 0xe5, 0xe5, 0x7b, 0x55, 0x00};

TallystickHash sm3_table(const sm3::Path* path) {
    // A path is constant, and the functions above only read it.
    return {TALLYSTICK_HASH_MAJOR, TALLYSTICK_HASH_MINOR, sizeof(TallystickHash), "sm3", sm3::kDigest,
            sm3::kBlock, TALLYSTICK_HASH_CRYPTOGRAPHIC, 0, bytes(kSm3Message), sizeof(kSm3Message) - 1,
            kSm3Digest, const_cast<sm3::Path*>(path), sm3_rows, sm3_ragged, nullptr};
}

TallystickHash streebog_table() {
    return {TALLYSTICK_HASH_MAJOR, TALLYSTICK_HASH_MINOR, sizeof(TallystickHash), "streebog_256",
            streebog::kDigest, streebog::kBlock, TALLYSTICK_HASH_CRYPTOGRAPHIC, 0, bytes(kStreebogMessage),
            sizeof(kStreebogMessage) - 1, kStreebogDigest, nullptr, streebog_rows, streebog_ragged, nullptr};
}

// A hash function. Its table lives as long as the process: these objects are never freed, and release is null.
struct Function {
    TallystickHash table;
};

}  // namespace

NB_MODULE(_native, m) {
    // A hash that is registered is kept until the process ends, and its object with it.
    nb::set_leak_warnings(false);
    nb::class_<Function>(m, "Function", "A hash function for tallystick.hashes.from_plugin.")
        .def("__tallystick_hash__",
             [](Function& self) { return nb::capsule(&self.table, "tallystick_hash"); },
             "Return a capsule with the table of C functions.");
    std::size_t count = 0;
    const sm3::Path* paths = sm3::paths(&count);
    nb::dict by_path;
    for (std::size_t place = 0; place < count; ++place) {
        auto* function = new Function{sm3_table(paths + place)};
        by_path[paths[place].name] = nb::cast(function, nb::rv_policy::reference);
    }
    m.attr("SM3_PATHS") = by_path;
    m.attr("SM3") = by_path[paths[0].name];
    m.attr("STREEBOG_256") = nb::cast(new Function{streebog_table()}, nb::rv_policy::reference);
}
