// Streebog-256, GOST R 34.11-2012 (RFC 6986): one message at a time, from its parts.
#pragma once

#include <cstddef>
#include <cstdint>

namespace streebog {

constexpr std::size_t kBlock = 64;
constexpr std::size_t kDigest = 32;

// The hash of a message in two parts, one behind the other.
void digest(const std::uint8_t* first, std::size_t first_length, const std::uint8_t* second,
            std::size_t second_length, std::uint8_t* out);

}  // namespace streebog
