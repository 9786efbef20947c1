// The hashes of an RFC 6962 tree over 2^k leaves of 32 bytes, in bare loops over the same kernel: the least that a
// tree by this function can cost. Reads the leaves from a file; for each line on standard input it builds once and
// prints the seconds and the root.
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <thread>
#include <vector>

#include "sm3.hpp"

namespace {

constexpr std::size_t kThreads = 2;

// Rows of a level, hashed in two halves at once.
void level(const sm3::Path& path, std::uint8_t tag, const std::uint8_t* from, std::size_t width, std::size_t n,
           std::uint8_t* to) {
    const std::size_t half = n / kThreads / 16 * 16;
    if (half == 0) return sm3::rows(path, &tag, 1, from, width, n, to);
    std::thread other([&] { sm3::rows(path, &tag, 1, from, width, half, to); });
    sm3::rows(path, &tag, 1, from + half * width, width, n - half, to + half * sm3::kDigest);
    other.join();
}

}  // namespace

int main(int, char** arguments) {
    std::ifstream file(arguments[1], std::ios::binary);
    const std::vector<char> read{std::istreambuf_iterator<char>(file), {}};
    const auto* leaves = reinterpret_cast<const std::uint8_t*>(read.data());
    const std::size_t count = read.size() / 32;
    std::size_t paths;
    const sm3::Path& path = *sm3::paths(&paths);
    std::vector<std::uint8_t> nodes(2 * count * sm3::kDigest);
    std::string line;
    while (std::getline(std::cin, line)) {
        const auto begin = std::chrono::steady_clock::now();
        std::uint8_t* below = nodes.data();
        level(path, 0, leaves, 32, count, below);
        for (std::size_t n = count / 2; n >= 1; n /= 2) {
            std::uint8_t* above = below + 2 * n * sm3::kDigest;
            level(path, 1, below, 2 * sm3::kDigest, n, above);
            below = above;
        }
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        std::printf("%.9f ", took.count());
        for (std::size_t byte = 0; byte < sm3::kDigest; ++byte) std::printf("%02x", below[byte]);
        std::printf("\n");
        std::fflush(stdout);
    }
}
