import Tensors
import Testing

@Suite struct PhiloxTests {
  /// Published known answers of the Random123 distribution.
  @Test func knownAnswers() {
    #expect(
      Philox.block(key: 0, counter: SIMD4(0, 0, 0, 0))
        == SIMD4(0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8))
    #expect(
      Philox.block(key: .max, counter: SIMD4(repeating: .max))
        == SIMD4(0x408f_276d, 0x41c8_3b0e, 0xa20b_c7c6, 0x6d54_51fd))
    #expect(
      Philox.block(
        key: 0x299f_31d0_a409_3822,
        counter: SIMD4(0x243f_6a88, 0x85a3_08d3, 0x1319_8a2e, 0x0370_7344))
        == SIMD4(0xd16c_fe09, 0x94fd_cceb, 0x5001_e420, 0x2412_6ea1))
  }

  /// The C kernels follow the documented layout of counters, also above 2^34 words.
  @Test(arguments: [0, 1, 1022, 17_179_869_182, UInt64.max - 2000])
  func streamWordsFollowTheBlocks(first: UInt64) {
    let key = RandomKey(seed: 0x0123_4567_89ab_cdef)
    let words = RandomStream(key: key, row: 4_000_000_000, site: 9).words(from: first, count: 1025)
    for (offset, word) in words.enumerated() {
      let e = first + UInt64(offset)
      let counter = SIMD4(
        UInt32(truncatingIfNeeded: e / 4), UInt32(truncatingIfNeeded: (e / 4) >> 32),
        4_000_000_000, 9)
      #expect(word == Philox.block(key: key.value, counter: counter)[Int(e % 4)])
    }
  }

  @Test func uniformsAreMidpointsOfTheWords() {
    let stream = RandomStream(key: RandomKey(seed: 3), row: 1, site: 2)
    let words = stream.words(from: 5, count: 1000)
    let expected = words.map { (Float($0 >> 9) + 0.5) * 0x1p-23 }
    #expect(stream.uniforms(from: 5, count: 1000) == expected)
  }

  @Test func splittingARangeChangesNothing() {
    let stream = RandomStream(key: RandomKey(seed: 11), row: 5, site: 6)
    let kinds: [(UInt64, Int) -> [Float]] = [
      stream.uniforms(from:count:), stream.exponentials(from:count:), stream.gumbels(from:count:),
      stream.normals(from:count:),
    ]
    for values in kinds {
      let whole = values(0, 3000)
      for cuts in [[0, 1, 2, 3, 260, 261, 1000, 3000], [0, 511, 514, 2999, 3000], [1, 1, 258]] {
        for (from, to) in zip(cuts, cuts.dropFirst()) {
          #expect(values(UInt64(from), to - from) == Array(whole[from..<to]))
        }
      }
    }
    #expect(stream.words(from: 77, count: 0).isEmpty)
    #expect(stream.normals(from: 77, count: 0).isEmpty)
  }

  @Test func streamsAndKeysDiffer() {
    let root = RandomKey(seed: 1)
    let keys = [
      root, RandomKey(seed: 2), root.derived("a"), root.derived("b"), root.derived(""),
      root.derived("ab"), root.derived("ba"), root.derived("a").derived("b"), root.derived(0),
      root.derived(1), RandomKey(seed: 2).derived("b"), root.derived("\u{0}"),
    ]
    #expect(Set(keys).count == keys.count)
    var heads = Set<[UInt32]>()
    for key in keys {
      for row in 0..<3 {
        for site in 0..<3 {
          heads.insert(RandomStream(key: key, row: row, site: site).words(from: 0, count: 4))
        }
      }
    }
    #expect(heads.count == keys.count * 9)
  }

  /// Derived keys are part of the format of stored results.
  @Test func derivedKeysAreFixed() {
    #expect(RandomKey(seed: 7).value == 7)
    #expect(RandomKey(seed: 7).derived("noise").value == 0x5bba_3779_fccd_7b9e)
    #expect(RandomKey(seed: 7).derived(3).value == 0x59b3_3dee_ece2_ee3e)
  }
}
