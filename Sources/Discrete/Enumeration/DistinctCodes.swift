/// The different codes of a block of hard points, and the different pairs of a row and a code.
///
/// An oracle evaluates a code once for all rows that meet it where rows share their codes, and a
/// pair once for all draws. After training a layer's entropy is low, and most draws meet a code that
/// another draw has met.
public struct DistinctCodes: Sendable {
  /// Number of latents of a code.
  public let latents: Int
  /// The different codes in the order in which they first occur, `[codes][latents]`.
  public private(set) var codes: [Int32] = []
  /// Row of each pair; pairs are ordered by code.
  public private(set) var pairRows: [Int32] = []
  /// First pair of each code, and the number of pairs at the end: `[codes + 1]`.
  public private(set) var firstPair: [Int] = []
  /// Pair of each point, `[rows][draws]`.
  public private(set) var pairOfPoint: [Int32] = []

  /// Number of different codes.
  public var count: Int { firstPair.count - 1 }
  /// Number of different pairs.
  public var pairCount: Int { pairRows.count }

  /// Cost: `O(points latents)`.
  public init(_ block: CodeBlock) {
    latents = block.shape.latents
    let points = block.shape.rows * block.draws
    let codeOfPoint = collectCodes(block.indices, points: points)
    collectPairs(codeOfPoint, rows: block.shape.rows, draws: block.draws)
  }

  /// Every point of a block as a code and a pair of its own, for callers whom too few repetitions
  /// would not repay.
  public init(apart block: CodeBlock) {
    latents = block.shape.latents
    codes = block.indices
    let points = Int32(block.shape.rows * block.draws)
    pairOfPoint = Array(0..<points)
    pairRows = pairOfPoint.map { $0 / Int32(max(1, block.draws)) }
    firstPair = Array(0...Int(points))
  }

  /// Fills `codes`; returns each point's index into it.
  private mutating func collectCodes(_ indices: [Int32], points: Int) -> [Int32] {
    var size = 16
    while size < 2 * points { size *= 2 }
    // Open addressing; -1 marks a free place.
    var places = [Int32](repeating: -1, count: size)
    var found: [Int32] = []
    found.reserveCapacity(points)
    var count: Int32 = 0
    for point in 0..<points {
      let start = point * latents
      var place = hash(indices, start) & (size - 1)
      while places[place] >= 0 && !isCode(Int(places[place]), indices, start) {
        place = (place + 1) & (size - 1)
      }
      if places[place] < 0 {
        places[place] = count
        codes += indices[start..<start + latents]
        count += 1
      }
      found.append(places[place])
    }
    firstPair = [Int](repeating: 0, count: Int(count) + 1)
    return found
  }

  private func hash(_ indices: [Int32], _ start: Int) -> Int {
    var state: UInt64 = 0x9E37_79B9_7F4A_7C15
    for index in indices[start..<start + latents] {
      state = (state ^ UInt64(UInt32(bitPattern: index))) &* 0xD6E8_FEB8_6659_FD93
      state ^= state >> 32
    }
    return Int(truncatingIfNeeded: state >> 1)
  }

  private func isCode(_ code: Int, _ indices: [Int32], _ start: Int) -> Bool {
    for latent in 0..<latents where codes[code * latents + latent] != indices[start + latent] {
      return false
    }
    return true
  }

  /// Fills the pairs, sorted by code.
  private mutating func collectPairs(_ codeOfPoint: [Int32], rows: Int, draws: Int) {
    let count = firstPair.count - 1
    // The pair of each code in the row at hand, by order of occurrence.
    var pairOfCode = [(row: Int32, pair: Int32)](repeating: (-1, 0), count: count)
    var occurring: [(row: Int32, code: Int32)] = []
    pairOfPoint.reserveCapacity(codeOfPoint.count)
    for row in 0..<Int32(rows) {
      for point in Int(row) * draws..<(Int(row) + 1) * draws {
        let code = Int(codeOfPoint[point])
        if pairOfCode[code].row != row {
          pairOfCode[code] = (row, Int32(occurring.count))
          occurring.append((row, codeOfPoint[point]))
          firstPair[code + 1] += 1
        }
        pairOfPoint.append(pairOfCode[code].pair)
      }
    }
    for code in 0..<count { firstPair[code + 1] += firstPair[code] }
    var next = firstPair
    pairRows = [Int32](repeating: 0, count: occurring.count)
    let sorted = occurring.map { pair -> Int32 in
      let place = next[Int(pair.code)]
      next[Int(pair.code)] += 1
      pairRows[place] = pair.row
      return Int32(place)
    }
    for point in pairOfPoint.indices { pairOfPoint[point] = sorted[Int(pairOfPoint[point])] }
  }
}
