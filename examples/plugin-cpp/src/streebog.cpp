#include "streebog.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "streebog_constants.hpp"

namespace streebog {
namespace {

using State = std::array<std::uint64_t, 8>;
using Table = std::array<std::array<std::uint64_t, 256>, 8>;

// Substitution and linear step of each byte, as one look: entry [i][x] is what byte x at row i adds to its word.
constexpr Table make_table() {
    Table table{};
    for (std::size_t row = 0; row < 8; ++row) {
        for (std::size_t byte = 0; byte < 256; ++byte) {
            std::uint64_t sum = 0;
            for (std::size_t bit = 0; bit < 8; ++bit) {
                if ((kPi[byte] >> bit) & 1) sum ^= kLinear[8 * row + bit];
            }
            table[row][byte] = sum;
        }
    }
    return table;
}

constexpr Table kTable = make_table();

State mixed(const State& left, const State& right) {
    State sum;
    for (std::size_t word = 0; word < 8; ++word) sum[word] = left[word] ^ right[word];
    return sum;
}

// Substitution, transposition and linear step: byte i of word j goes to word i of row j.
State step(const State& state) {
    State next;
    for (std::size_t word = 0; word < 8; ++word) {
        std::uint64_t sum = 0;
        for (std::size_t row = 0; row < 8; ++row) sum ^= kTable[row][(state[row] >> (8 * word)) & 0xff];
        next[word] = sum;
    }
    return next;
}

// The sum of two 512-bit numbers, without what does not fit.
void add(State& sum, const State& other) {
    std::uint64_t carry = 0;
    for (std::size_t word = 0; word < 8; ++word) {
        const std::uint64_t with = sum[word] + carry;
        carry = with < carry;
        sum[word] = with + other[word];
        carry += sum[word] < other[word];
    }
}

void compress(State& hash, const State& count, const State& block) {
    State key = step(mixed(hash, count));
    State text = mixed(key, block);
    for (const auto& constant : kRound) {
        text = step(text);
        State next;
        for (std::size_t word = 0; word < 8; ++word) next[word] = key[word] ^ constant[word];
        key = step(next);
        text = mixed(text, key);
    }
    hash = mixed(mixed(hash, text), block);
}

State read(const std::uint8_t* bytes) {
    State state{};
    for (std::size_t place = 0; place < kBlock; ++place) {
        state[place / 8] |= std::uint64_t{bytes[place]} << (8 * (place % 8));
    }
    return state;
}

struct Hasher {
    State hash, count{}, sum{};
    std::uint8_t buffer[kBlock];
    std::size_t filled = 0;

    Hasher() { hash.fill(0x0101010101010101); }

    void absorb(std::size_t bytes) {
        const State block = read(buffer);
        compress(hash, count, block);
        add(count, State{8 * bytes});
        add(sum, block);
        filled = 0;
    }

    void update(const std::uint8_t* bytes, std::size_t length) {
        while (length > 0) {
            const std::size_t taken = std::min(length, kBlock - filled);
            std::memcpy(buffer + filled, bytes, taken);
            filled += taken;
            bytes += taken;
            length -= taken;
            if (filled == kBlock) absorb(kBlock);
        }
    }

    void finish(std::uint8_t* out) {
        const std::size_t rest = filled;
        buffer[filled] = 1;
        std::memset(buffer + filled + 1, 0, kBlock - filled - 1);
        absorb(rest);
        compress(hash, State{}, count);
        compress(hash, State{}, sum);
        // The shorter digest is the upper half.
        for (std::size_t place = 0; place < kDigest; ++place) {
            out[place] = static_cast<std::uint8_t>(hash[4 + place / 8] >> (8 * (place % 8)));
        }
    }
};

}  // namespace

void digest(const std::uint8_t* first, std::size_t first_length, const std::uint8_t* second,
            std::size_t second_length, std::uint8_t* out) {
    Hasher hasher;
    hasher.update(first, first_length);
    hasher.update(second, second_length);
    hasher.finish(out);
}

}  // namespace streebog
