/// Key of a family of independent random streams.
///
/// Keys form a tree: every `derived` call gives a child whose streams share no counter block with
/// those of other keys, up to 64-bit collisions (about `n^2 2^-65` for `n` keys). The mixing is
/// part of the format of stored results: it never changes, on any machine.
public struct RandomKey: Hashable, Sendable {
  public let value: UInt64

  /// The root key of a seed; `value` is the seed itself.
  public init(seed: UInt64) { value = seed }

  /// Child named by `label`.
  ///
  /// `h = mix(value + 0x9E3779B97F4A7C15)`; then `h = mix(h ^ byte)` for each UTF-8 byte; the child
  /// is `mix(h ^ (0xD1B54A32D192ED03 + byte count))`. `mix` is the SplitMix64 finaliser: a bijection
  /// of 64-bit words (Steele, Lea, Flood, OOPSLA 2014).
  public func derived(_ label: String) -> RandomKey {
    var hash = Self.mix(value &+ 0x9E37_79B9_7F4A_7C15)
    var count: UInt64 = 0
    for byte in label.utf8 {
      hash = Self.mix(hash ^ UInt64(byte))
      count &+= 1
    }
    return RandomKey(seed: Self.mix(hash ^ (0xD1B5_4A32_D192_ED03 &+ count)))
  }

  /// Child number `index`: `mix(mix(value + 0x8CB92BA72F3D8DD7) ^ index)`. Distinct indices give
  /// distinct children.
  public func derived(_ index: UInt64) -> RandomKey {
    RandomKey(seed: Self.mix(Self.mix(value &+ 0x8CB9_2BA7_2F3D_8DD7) ^ index))
  }

  private static func mix(_ word: UInt64) -> UInt64 {
    var z = word
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
