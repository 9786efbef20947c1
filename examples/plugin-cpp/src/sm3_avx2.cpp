#include "sm3.hpp"
#include "sm3_compress.hpp"

void sm3::compress_avx2(std::uint32_t* state, const std::uint8_t* const* blocks) { compress<8>(state, blocks); }
