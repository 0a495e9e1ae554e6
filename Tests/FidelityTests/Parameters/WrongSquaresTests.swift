import Discrete
import Estimators
import Fidelity
import Tensors
import Testing

/// A pull-back of somebody else whose squares have wrong lengths is an error of its cells, not the end of the program.
@Suite struct WrongSquaresTests {
  enum Mistake: String, CaseIterable, Sendable {
    case shortSquares, fewSums, shortParameters, fewGroups
    /// Those of squared errors alone, which exact moments have none of.
    case shortErrors
  }

  private struct Problem: DiscreteProblem {
    let inner: any DiscreteProblem
    let pullback: (any ParameterPullback)?
    var logits: Logits { inner.logits }
    var oracle: any CostOracle { inner.oracle }
  }

  /// `phi = theta`, whose squares are wrong.
  private struct Identity: ParameterPullback, PullbackSquares {
    let shape: LayerShape
    let mistake: Mistake

    var groups: [ParameterGroup] { [ParameterGroup(name: "theta", count: shape.count)] }
    func pullBack(_ logitGradient: [Double]) -> [[Double]] { [logitGradient] }
    func rowGrams(_ row: Int) -> [RowGram] {
      let width = shape.width
      return [
        RowGram(
          (0..<width * width).map { $0 % (width + 1) == 0 ? 1 : 0 }, precision: .double)
      ]
    }
    var squares: any PullbackSquares { self }
    var form: SquareForm { DirectSquares(self).form }
    func row(_ row: Int, of rows: Int) -> @Sendable (RowVectors) -> [[Double]] {
      let right = DirectSquares(self).row(row, of: rows)
      return { vectors in
        switch mistake {
        case .shortSquares: right(vectors).map { Array($0.dropLast()) }
        case .fewSums: []
        case .shortParameters, .fewGroups, .shortErrors: right(vectors)
        }
      }
    }
    func parameters(_ squares: [Double], power: Int) -> [[Double]] {
      switch (mistake, power) {
      case (.shortParameters, 1), (.shortErrors, 2): [Array(squares.dropLast())]
      case (.fewGroups, _): []
      default: [squares]
      }
    }
  }

  @Test(arguments: Mistake.allCases, [MomentsChoice.exact, .monteCarlo])
  func belongToTheirCell(mistake: Mistake, moments: MomentsChoice) throws {
    let toy = try registered("test-problem")
    let problem = Problem(
      inner: toy, pullback: Identity(shape: toy.shape, mistake: mistake))
    let session = FidelitySession(
      problem: problem, target: TargetSettings(kind: .exact),
      measure: MeasureSettings(
        moments: moments, draws: 128, perDrawSamples: 0, gap: false, parameters: true),
      key: RandomKey(seed: 1))
    let reports = try session.run([
      FidelityRequest(estimator: try EstimatorRegistry.make("st"), distribution: .own)
    ])
    if mistake == .shortErrors, moments == .exact {
      #expect(try reports[0].get().parameters != nil)
      return
    }
    guard case .failure(.shape(let text)) = reports[0] else {
      Issue.record("\(reports[0])")
      return
    }
    #expect(text.contains("squares"))
  }
}
