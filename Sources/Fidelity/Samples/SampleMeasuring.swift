import Discrete
import Foundation
import Models

extension SampleRequest {
  /// Refuses a sampled reference that shares draws with the samples: see `SampleIndependence`.
  ///
  /// - Throws: `ModelFileError`.
  public func checkIndependence() throws {
    guard case .samples(let location) = reference else { return }
    let (own, other) = (
      try samples.open(usual: "samples"), try location.open(usual: "reference")
    )
    // One file may hold the other's draws in float32.
    let narrow = own.header.element.bytes != other.header.element.bytes
    try SampleIndependence(
      samples: RowHashes(own, narrow: narrow), reference: RowHashes(other, narrow: narrow)
    ).check()
  }

  /// Bytes of block moments that a tile of coordinates may take, per array.
  private static let tileBytes = 32 << 20

  /// Measures, with the definitions and intervals of every other measurement; and the cosine of
  /// single draws.
  ///
  /// The independence of a sampled reference is not checked here.
  /// Memory: under 120 MB whatever the size of the files, and `80 groups blocks` bytes. Time: see
  /// `SampleScan`.
  /// - Throws: `ModelFileError` for a broken file, `DiscreteError.parameter` for blocks or a level
  ///   out of range.
  public func measure() throws -> SampleReport {
    guard (2...1024).contains(blocks) else {
      throw DiscreteError.parameter("blocks must be from 2 to 1024, found \(blocks)")
    }
    guard level > 0, level < 1 else {
      throw DiscreteError.parameter("the level must lie between 0 and 1, found \(level)")
    }
    let began = Date()
    let samples = try SampleScan(self.samples.open(usual: "samples"), blocks: blocks)
    let target = try openReference(axes: samples.axes)
    let scopes =
      [SampleScope(name: SampleScope.all, ranges: [0..<samples.coordinates])]
      + (try groups.map { try SampleScope.groups(path: $0, count: samples.coordinates) } ?? [])
    var sums = scopes.map {
      ScopeSums(
        count: $0.count, blocks: samples.split.blocks,
        referenceBlocks: target.scan?.split.blocks ?? 0)
    }
    let products = DrawProducts(samples: samples.split.samples, scopes: scopes.count)
    let width = Self.tileBytes / (16 * blocks)
    for start in stride(from: 0, to: samples.coordinates, by: width) {
      let tile = start..<min(start + width, samples.coordinates)
      let reference = try target.tile(tile)
      let mean = TileMean(
        try samples.moments(
          tile,
          products: TileProducts(
            products, reference: reference.values, tile: tile, scopes: scopes)))
      for (index, scope) in scopes.enumerated() {
        for range in scope.ranges(in: tile) { sums[index].add(range, mean, reference) }
      }
    }
    return SampleReport(
      numbers: try numbers(scopes, sums, products, samples.split, target.scan?.split),
      axes: samples.axes, draws: samples.split.samples, blocks: samples.split.blocks,
      referenceDraws: target.scan?.split.samples, seconds: Date().timeIntervalSince(began))
  }

  /// What a sample cost, as numbers of the scope that every file has.
  ///
  /// - Parameter calls: oracle calls of one sample, a gradient counted as three.
  public func callNumbers(_ calls: Int) -> [FidelityNumber] {
    let intervals = IntervalForming(level: level)
    return [(Metric.valueCalls, Double(calls)), (.gradientCalls, 0)].map {
      intervals.exact($0, scope: SampleScope.all, value: $1)
    }
  }

  private func numbers(
    _ scopes: [SampleScope], _ sums: [ScopeSums], _ products: DrawProducts, _ split: BlockSplit,
    _ reference: BlockSplit?
  ) throws -> [FidelityNumber] {
    let intervals = IntervalForming(level: level)
    var numbers: [FidelityNumber] = []
    for (index, scope) in scopes.enumerated() {
      let plain = sums[index].replicates(scope.name, split, reference: reference)
      try ScopeScale.check(largest: sums[index].largest, of: "samples or reference")
      let scale = ScopeScale([plain.full])
      let replicates = scale.scaled(plain)
      let own = SampledScope(replicates, level: level, draws: split.samples)
      let tail = ScopeTail(plain)
      numbers += Metric.ofMoments.map {
        var number = scale.unscaled(
          intervals.sampled($0, replicates, own, draws: split.samples))
        TailCheck.ofDraws.warn(&number, tail)
        return number
      }
      let cosines = products.cosines(scope: index, target: sums[index].targetSquare)
      numbers.append(
        intervals.mean(
          .cosineOfDraw, scope: scope.name,
          of: replicates.full.targetVanishes ? cosines.map { _ in .nan } : cosines))
    }
    return numbers
  }

  /// The reference, exact or sampled; one of the two is there.
  private struct OpenReference {
    let exact: SampleArray?
    let scan: SampleScan?

    func tile(_ tile: Range<Int>) throws -> ReferenceTile {
      if let scan {
        let mean = TileMean(try scan.moments(tile, products: nil))
        return ReferenceTile(values: mean.values, moments: mean.moments)
      }
      return ReferenceTile(values: try exact?.values(tile) ?? [], moments: nil)
    }
  }

  private func openReference(axes: [Int]) throws -> OpenReference {
    func mismatch(_ array: SampleArray, _ needed: String, _ hint: String) -> ModelFileError {
      ModelFileError(
        file: array.file, place: "header, shape",
        what:
          "the samples have coordinates of shape \(NumPyHeader.text(axes)), so shape \(needed) is needed here, found \(NumPyHeader.text(array.header.shape))",
        hint: hint)
    }
    switch reference {
    case .exact(let location):
      let array = try location.open(usual: "reference")
      guard array.header.shape == axes else {
        throw mismatch(
          array, NumPyHeader.text(axes),
          array.header.shape.dropFirst() == axes[...]
            ? "draws of a reference go to --reference-samples"
            : "save the reference in the shape of one sample")
      }
      return OpenReference(exact: array, scan: nil)
    case .samples(let location):
      let array = try location.open(usual: "reference")
      let shape = array.header.shape
      guard !shape.isEmpty, shape.dropFirst() == axes[...] else {
        let needed = "(n\(axes.map { ", \($0)" }.joined())\(axes.isEmpty ? "," : ""))"
        throw mismatch(
          array, needed,
          shape == axes
            ? "a reference without samples goes to --reference"
            : "save the draws with samples along the first axis")
      }
      return OpenReference(exact: nil, scan: try SampleScan(array, blocks: blocks))
    }
  }
}
