import Networks
import Tensors
import Testing

/// Fixed numbers of about unit size.
func numbers(_ count: Int, seed: UInt64) -> [Double] {
  RandomStream(key: RandomKey(seed: seed), row: 0, site: 0)
    .normals(from: 0, count: count).map { Double($0) }
}

/// `sum a_i b_i`.
func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }

/// `max |a - b| / max |b|`; infinite for unequal counts.
func difference(_ a: [Double], _ b: [Double]) -> Double {
  guard a.count == b.count else { return .infinity }
  let size = b.reduce(1e-30) { max($0, abs($1)) }
  return zip(a, b).reduce(0) { $1.0.isNaN ? .infinity : max($0, abs($1.0 - $1.1)) } / size
}

/// Central differences with one step of extrapolation, an error of order `step^4`.
func derivatives(at x: [Double], step: Double = 1e-3, _ value: ([Double]) -> Double) -> [Double] {
  x.indices.map { index in
    func central(_ step: Double) -> Double {
      var (low, high) = (x, x)
      low[index] -= step
      high[index] += step
      return (value(high) - value(low)) / (2 * step)
    }
    return (4 * central(step / 2) - central(step)) / 3
  }
}

/// The message of the error that `body` throws, or what it gave instead.
func message(_ body: () throws -> Any) -> String {
  do { return "no error: \(try body())" } catch { return "\(error)" }
}

/// A small program for every operation, with its input.
struct Sample: Sendable, CustomTestStringConvertible {
  let specs: [OperationSpec]
  let input: TensorShape
  let graph: SparseMatrix?

  init(_ specs: [OperationSpec], _ c: Int, _ h: Int = 1, _ w: Int = 1, graph: SparseMatrix? = nil)
    throws
  {
    self.specs = specs
    input = try TensorShape(channels: c, height: h, width: w)
    self.graph = graph
  }

  var testDescription: String { OperationSpec.text(of: specs) }

  func program() throws -> Program {
    try Program(specs, OperationContext(input: input, graph: graph))
  }

  /// Every operation and setting in some sample; each has weights below it so that gradients have
  /// to pass through.
  static let all: [Sample] = {
    func spec(_ name: String, _ value: SettingValue) -> OperationSpec {
      OperationSpec(name, .value(value))
    }
    func conv(_ name: String, _ c: Int, _ k: Int, _ s: Int, _ p: Int, out: Int? = nil)
      -> OperationSpec
    {
      var settings: [String: SettingValue] = [
        "channels": .integer(c), "kernel": .integer(k), "stride": .integer(s),
        "padding": .integer(p),
      ]
      if let out { settings["output-padding"] = .integer(out) }
      return OperationSpec(name, settings)
    }
    let dense = OperationSpec("dense", 6)
    let image = OperationSpec(
      "reshape", ["channels": .integer(2), "height": .integer(3), "width": .integer(1)])
    do {
      let graph = try SparseMatrix(
        size: 3, entries: [(0, 1, 0.5), (0, 0, 1), (1, 2, -2), (2, 0, 0.25), (0, 1, 0.25)])
      return [
        try Sample([dense, OperationSpec("dense", 4)], 5),
        try Sample([dense, OperationSpec("relu"), OperationSpec("dense", 4)], 5),
        try Sample([OperationSpec("relu"), dense, OperationSpec("relu")], 5),
        try Sample([dense, spec("leaky-relu", .number(0.2)), dense], 5),
        try Sample([dense, OperationSpec("tanh"), dense], 5),
        try Sample([dense, OperationSpec("sigmoid")], 5),
        try Sample([dense, OperationSpec("gelu")], 5),
        try Sample([dense, spec("gelu", .text("tanh")), dense], 5),
        try Sample([dense, OperationSpec("softmax", 3)], 5),
        try Sample([dense, OperationSpec("softmax")], 5),
        try Sample([dense, spec("layer-norm", .number(1e-3)), OperationSpec("tanh"), dense], 5),
        try Sample([conv("conv", 3, 3, 2, 1), OperationSpec("layer-norm")], 2, 5, 4),
        try Sample(
          [conv("conv", 3, 2, 1, 0), OperationSpec("tanh"), conv("conv", 2, 3, 3, 2)], 2, 4, 5),
        try Sample([conv("conv", 2, 2, 3, 0)], 1, 5, 6),
        try Sample([conv("conv-transpose", 3, 3, 2, 1, out: 1), OperationSpec("tanh")], 2, 2, 3),
        try Sample([conv("conv-transpose", 1, 2, 3, 0), conv("conv", 2, 3, 1, 1)], 2, 2, 1),
        try Sample([conv("conv", 2, 3, 1, 1), OperationSpec("max-pool", 2), dense], 1, 5, 4),
        try Sample(
          [
            conv("conv", 2, 1, 1, 0),
            OperationSpec("average-pool", ["kernel": .integer(3), "stride": .integer(1)]),
          ], 2, 4, 5),
        try Sample(
          [
            OperationSpec("embedding", ["categories": .integer(3), "width": .integer(4)]),
            OperationSpec("tanh"), dense,
          ], 6),
        try Sample(
          [dense, image, OperationSpec("graph"), conv("conv", 2, 1, 1, 0), OperationSpec("graph")],
          4, graph: graph),
        try Sample(
          [
            dense, OperationSpec("sum", branches: [[], [dense, OperationSpec("tanh"), dense]]),
            OperationSpec("sigmoid"),
          ], 4),
        try Sample(
          [
            conv("conv", 2, 3, 1, 1),
            OperationSpec(
              "concat",
              branches: [
                [conv("conv", 1, 3, 1, 1), OperationSpec("tanh")], [],
                [OperationSpec("sum", branches: [[conv("conv", 2, 1, 1, 0)], []])],
              ]), OperationSpec("dense", 3),
          ], 1, 3, 3),
      ]
    } catch {
      fatalError("\(error)")
    }
  }()
}
