/* Native hash functions for tallystick: the C table that a plug-in hands over.
 *
 * An object whose __tallystick_hash__() returns a capsule named "tallystick_hash" with a pointer to a TallystickHash
 * is a hash function for tallystick. docs/spec/plugins.md is the contract. This file is generated; it is also in the
 * wheel, in tallystick.get_include(). */

#ifndef TALLYSTICK_HASH_H
#define TALLYSTICK_HASH_H

#include <stddef.h>
#include <stdint.h>

/*
 The version of the table. With another one, nothing but the first two fields is looked at.
 */
#define TALLYSTICK_HASH_MAJOR 1

/*
 The version within it, which grows when fields are added at the end.
 */
#define TALLYSTICK_HASH_MINOR 0

/*
 Flag: finding collisions is infeasible. Without it no scheme takes the hash.
 */
#define TALLYSTICK_HASH_CRYPTOGRAPHIC 1

/*
 Status: the digests were written.
 */
#define TALLYSTICK_HASH_OK 0

/*
 Status: a message is not one that the function takes, as a number that is not below the field's modulus. Proofs that lead
 to such a message are refused. Every other status is a failure.
 */
#define TALLYSTICK_HASH_REFUSED 1

/*
 The table. It and all it points to stay as they are until `release` was called.
 */
typedef struct {
  /*
   `TALLYSTICK_HASH_MAJOR`.
   */
  uint32_t major;
  /*
   `TALLYSTICK_HASH_MINOR`.
   */
  uint32_t minor;
  /*
   Bytes of the table: `sizeof(TallystickHash)`.
   */
  uint64_t size;
  /*
   Lower-case name, as `"sm3"`: at most 64 characters of `a-z 0-9 _`, the first a letter; ends with a zero byte.
   */
  const char *name;
  /*
   Bytes of a digest.
   */
  uint32_t digest_size;
  /*
   Bytes of a block of input; of a sponge, its rate. It is part of the roots of tallystick's own schemes.
   */
  uint32_t block_size;
  /*
   `TALLYSTICK_HASH_CRYPTOGRAPHIC` or 0.
   */
  uint32_t flags;
  /*
   0.
   */
  uint32_t reserved;
  /*
   A message and its digest, from a publication: the known answer.
   */
  const uint8_t *known_message;
  /*
   Bytes of the message.
   */
  uint64_t known_message_length;
  /*
   The digest, of `digest_size` bytes.
   */
  const uint8_t *known_digest;
  /*
   What the functions are called with. Several threads call them at once.
   */
  void *ctx;
  /*
   Hashes `n` messages of one length: each is the prefix and one row of `rows`. Digest `i` goes to
   `out + i * digest_size`. Gives a status.
   */
  int (*hash_rows)(void *ctx,
                   const uint8_t *prefix,
                   size_t prefix_length,
                   const uint8_t *rows,
                   size_t width,
                   size_t n,
                   uint8_t *out);
  /*
   Hashes `n` messages of any lengths: message `i` is the prefix and the bytes of `data` from `offsets[i]` to
   `offsets[i + 1]`. Digest `i` goes to `out + i * digest_size`. Gives a status.
   */
  int (*hash_ragged)(void *ctx,
                     const uint8_t *prefix,
                     size_t prefix_length,
                     const uint8_t *data,
                     const uint64_t *offsets,
                     size_t n,
                     uint8_t *out);
  /*
   Called once, when nobody will call the others again; null if there is nothing to do.
   */
  void (*release)(void *ctx);
} TallystickHash;

#endif  /* TALLYSTICK_HASH_H */
