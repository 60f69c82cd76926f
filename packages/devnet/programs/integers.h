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
INLINE i64 load_i32(const u8 *bytes) { return *(const int *)bytes; }
INLINE void store_u32(u8 *bytes, u32 value) { *(u32 *)bytes = value; }
INLINE void store_u64(u8 *bytes, u64 value) { *(u64 *)bytes = value; }

/* The target has no signed division: this lifts the value above zero. The divisor has at most 30 bits and is not 0. */
INLINE i64 floor_divide(i64 value, u64 divisor) {
  const i64 lift = 1LL << 32;
  return (i64)((u64)(value + lift * (i64)divisor) / divisor) - lift;
}

#endif
