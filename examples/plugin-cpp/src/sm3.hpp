// SM3, GB/T 32905-2016: one message, and rows of one length side by side.
#pragma once

#include <cstddef>
#include <cstdint>

namespace sm3 {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kDigest = 32;
constexpr std::size_t kMostLanes = 16;

// Takes one block of each lane into the lane's state. Word w of lane l is state[w * lanes + l].
using Compress = void (*)(std::uint32_t* state, const std::uint8_t* const* blocks);

// A way to compress: which one, and how many lanes it has.
struct Path {
    const char* name;
    std::size_t lanes;
    Compress compress;
};

// Every path that this processor has, the fastest first; the last has one lane.
const Path* paths(std::size_t* count);

// The digests of n messages: the prefix and one row each.
void rows(const Path& path, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* rows,
          std::size_t width, std::size_t n, std::uint8_t* out);

void compress_one(std::uint32_t* state, const std::uint8_t* const* blocks);
void compress_avx2(std::uint32_t* state, const std::uint8_t* const* blocks);
void compress_avx512(std::uint32_t* state, const std::uint8_t* const* blocks);

}  // namespace sm3
