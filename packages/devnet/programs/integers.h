/* Integer types and unaligned little-endian access, which the virtual machine allows. */
#ifndef INTEGERS_H
#define INTEGERS_H

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

#define INLINE static inline __attribute__((always_inline))
/* A function of its own stack frame: a frame has 512 bytes, and takes at most five arguments. */
#define NOINLINE __attribute__((noinline, unused))

INLINE u16 load_u16(const u8 *bytes) { return *(const u16 *)bytes; }
INLINE u32 load_u32(const u8 *bytes) { return *(const u32 *)bytes; }
INLINE u64 load_u64(const u8 *bytes) { return *(const u64 *)bytes; }
INLINE void store_u64(u8 *bytes, u64 value) { *(u64 *)bytes = value; }

#endif
