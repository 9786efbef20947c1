#include "sm3.hpp"

#include <algorithm>
#include <cstring>

#include "sm3_compress.hpp"

namespace sm3 {
namespace {

constexpr std::uint32_t kInitial[8] = {0x7380166f, 0x4914b2b9, 0x172442d7, 0xda8a0600,
                                       0xa96f30bc, 0x163138aa, 0xe38dee4d, 0xb0fb0e4e};

// What every message of a call has in common.
struct Message {
    const std::uint8_t* prefix;  // what is left of the prefix after its whole blocks
    std::size_t prefix_length;
    std::size_t width;
    std::uint64_t bits;  // of all of it

    std::size_t length() const { return prefix_length + width; }
    std::size_t blocks() const { return (length() + 9 + kBlock - 1) / kBlock; }
    bool within_row(std::size_t start) const { return start >= prefix_length && start + kBlock <= length(); }

    // The block from `start` on, without its bytes of a row: they go to [from, to) of it.
    void frame(std::size_t start, std::uint8_t* block, std::size_t* from, std::size_t* to) const {
        const auto inside = [&](std::size_t place) { return std::clamp(place, start, start + kBlock) - start; };
        std::memset(block, 0, kBlock);
        *from = inside(prefix_length);
        *to = inside(length());
        if (*from > 0) std::memcpy(block, prefix + start, *from);
        if (length() >= start && length() < start + kBlock) block[length() - start] = 0x80;
        if (start + kBlock == blocks() * kBlock) {
            for (std::size_t byte = 0; byte < 8; ++byte) {
                block[kBlock - 1 - byte] = static_cast<std::uint8_t>(bits >> (8 * byte));
            }
        }
    }
};

void some(const Path& path, const std::uint32_t* begin, const Message& message, const std::uint8_t* rows,
          std::uint8_t* out) {
    alignas(64) std::uint32_t state[8 * kMostLanes];
    alignas(64) std::uint8_t edges[kMostLanes][kBlock];
    const std::uint8_t* blocks[kMostLanes];
    for (std::size_t word = 0; word < 8; ++word) {
        std::fill_n(state + word * path.lanes, path.lanes, begin[word]);
    }
    for (std::size_t block = 0; block < message.blocks(); ++block) {
        const std::size_t start = block * kBlock;
        if (message.within_row(start)) {
            for (std::size_t lane = 0; lane < path.lanes; ++lane) {
                blocks[lane] = rows + lane * message.width + (start - message.prefix_length);
            }
        } else {
            std::size_t from, to;
            std::uint8_t frame[kBlock];
            message.frame(start, frame, &from, &to);
            for (std::size_t lane = 0; lane < path.lanes; ++lane) {
                std::memcpy(edges[lane], frame, kBlock);
                if (from < to) {
                    const std::size_t place = start + from - message.prefix_length;
                    std::memcpy(edges[lane] + from, rows + lane * message.width + place, to - from);
                }
                blocks[lane] = edges[lane];
            }
        }
        path.compress(state, blocks);
    }
    for (std::size_t lane = 0; lane < path.lanes; ++lane) {
        for (std::size_t word = 0; word < 8; ++word) {
            const std::uint32_t turned = __builtin_bswap32(state[word * path.lanes + lane]);
            std::memcpy(out + lane * kDigest + 4 * word, &turned, 4);
        }
    }
}

const Path kOne = {"one", 1, compress_one};

}  // namespace

void compress_one(std::uint32_t* state, const std::uint8_t* const* blocks) { compress<1>(state, blocks); }

const Path* paths(std::size_t* count) {
#if defined(__x86_64__)
    static const Path all[] = {{"avx512", 16, compress_avx512}, {"avx2", 8, compress_avx2}, kOne};
    const std::size_t first = __builtin_cpu_supports("avx512f") ? 0 : __builtin_cpu_supports("avx2") ? 1 : 2;
    *count = 3 - first;
    return all + first;
#else
    *count = 1;
    return &kOne;
#endif
}

void rows(const Path& path, const std::uint8_t* prefix, std::size_t prefix_length, const std::uint8_t* rows,
          std::size_t width, std::size_t n, std::uint8_t* out) {
    const std::uint64_t bits = (std::uint64_t{prefix_length} + width) * 8;
    std::uint32_t begin[8];
    std::copy_n(kInitial, 8, begin);
    for (; prefix_length >= kBlock; prefix += kBlock, prefix_length -= kBlock) compress_one(begin, &prefix);
    const Message message = {prefix, prefix_length, width, bits};
    std::size_t done = 0;
    for (; done + path.lanes <= n; done += path.lanes) {
        some(path, begin, message, rows + done * width, out + done * kDigest);
    }
    for (; done < n; ++done) some(kOne, begin, message, rows + done * width, out + done * kDigest);
}

}  // namespace sm3
