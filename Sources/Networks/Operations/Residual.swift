/// What a forward pass through an operation leaves for its derivatives. Every row stands by itself.
public struct Residual<Scalar: NetworkScalar>: Sendable {
  public let rows: Int
  /// Numbers by row, `[rows][...]`.
  public var numbers: [[Scalar]]
  /// Places by row, `[rows][...]`.
  public var places: [Int32]
  /// The codes an operation was fed in place of numbers.
  public var codes: CodeRows?
  /// Passes through the branches of an operation that has some.
  public var branches: [ProgramPass<Scalar>]

  public init(
    rows: Int, numbers: [[Scalar]] = [], places: [Int32] = [], codes: CodeRows? = nil,
    branches: [ProgramPass<Scalar>] = []
  ) {
    self.rows = rows
    self.numbers = numbers
    self.places = places
    self.codes = codes
    self.branches = branches
  }

  /// The residual of the rows `indices`, repeated and ordered as they are.
  func gathered(_ indices: [Int32]) -> Residual {
    Residual(
      rows: indices.count, numbers: numbers.map { gatheredRows($0, of: rows, indices) },
      places: gatheredRows(places, of: rows, indices), codes: codes?.gathered(indices),
      branches: branches.map { $0.gathered(indices) })
  }
}

/// Rows of one-hot blocks by their codes.
public struct CodeRows: Sendable, Equatable {
  /// `[rows][latents]`, each in `0..<categories`.
  public let codes: [Int32]
  public let latents: Int
  public let categories: Int

  /// - Throws: `NetworkError.shape` for codes that are not whole rows or out of range.
  public init(_ codes: [Int32], latents: Int, categories: Int) throws {
    guard latents >= 1, categories >= 1, codes.count % latents == 0 else {
      throw NetworkError.shape(
        "\(codes.count) codes are no rows of \(latents) with \(categories) categories")
    }
    if let code = codes.first(where: { $0 < 0 || Int($0) >= categories }) {
      throw NetworkError.shape("codes must be from 0 to \(categories - 1), found \(code)")
    }
    self.init(checked: codes, latents: latents, categories: categories)
  }

  private init(checked codes: [Int32], latents: Int, categories: Int) {
    self.codes = codes
    self.latents = latents
    self.categories = categories
  }

  public var rows: Int { codes.count / latents }

  /// Numbers of a row of one-hot blocks.
  public var width: Int { latents * categories }

  /// The blocks themselves, `[rows][latents][categories]`.
  @specialized(where Scalar == Float)
  @specialized(where Scalar == Double)
  public func oneHot<Scalar: NetworkScalar>() -> [Scalar] {
    var blocks = [Scalar](repeating: 0, count: rows * width)
    for (block, code) in codes.enumerated() { blocks[block * categories + Int(code)] = 1 }
    return blocks
  }

  func gathered(_ indices: [Int32]) -> CodeRows {
    CodeRows(
      checked: gatheredRows(codes, of: rows, indices), latents: latents, categories: categories)
  }
}

/// Rows `indices` of `values[rows][...]`.
func gatheredRows<Value>(_ values: [Value], of rows: Int, _ indices: [Int32]) -> [Value] {
  let columns = values.count / max(1, rows)
  let count = columns * indices.count
  return [Value](unsafeUninitializedCapacity: count) { buffer, initialized in
    values.withUnsafeBufferPointer { values in
      if let to = buffer.baseAddress, let from = values.baseAddress {
        for (row, index) in indices.enumerated() {
          precondition(index >= 0 && index < rows)
          (to + row * columns).initialize(from: from + Int(index) * columns, count: columns)
        }
      }
    }
    initialized = count
  }
}
