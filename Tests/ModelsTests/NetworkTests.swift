import Models
import Testing

@Suite struct NetworkTests {
  private let network = ReLUNetwork<Double>(layers: [
    Self.layer(inputs: 6, outputs: 7, seed: 1), Self.layer(inputs: 7, outputs: 5, seed: 2),
    Self.layer(inputs: 5, outputs: 4, seed: 3),
  ])
  private let rows = 3

  private static func layer(inputs: Int, outputs: Int, seed: UInt64) -> DenseLayer<Double> {
    DenseLayer(
      inputs: inputs, outputs: outputs, weights: fixedNumbers(inputs * outputs, seed: seed),
      biases: fixedNumbers(outputs, seed: 10 + seed).map { $0 / 8 })
  }

  /// `sum_ij g_ij y_ij` for fixed `g`: its derivative starts the backward pass.
  private func objective(_ network: ReLUNetwork<Double>, _ x: [Double]) -> Double {
    let y = network.forward(x, rows: rows).output
    return zip(y, fixedNumbers(12, seed: 5)).reduce(0) { $0 + $1.0 * $1.1 }
  }

  @Test func backwardFollowsEveryWeightAndInput() {
    let x = fixedNumbers(18, seed: 4)
    let pass = network.forward(x, rows: rows)
    let back = network.backward(fixedNumbers(12, seed: 5), pass, wantsInput: true)
    let numericInput = differences(at: x, step: 1e-4) { objective(network, $0) }
    #expect(relativeDifference(back.input, numericInput) < 1e-9)
    #expect(network.inputGradient(fixedNumbers(12, seed: 5), pass) == back.input)
    for (index, layer) in network.layers.enumerated() {
      let weights = differences(at: layer.weights, step: 1e-4) {
        var moved = network
        moved.layers[index].weights = $0
        return objective(moved, x)
      }
      let biases = differences(at: layer.biases, step: 1e-4) {
        var moved = network
        moved.layers[index].biases = $0
        return objective(moved, x)
      }
      #expect(relativeDifference(back.layers[index].weights, weights) < 1e-9)
      #expect(relativeDifference(back.layers[index].biases, biases) < 1e-9)
    }
  }

  @Test func scaleMultipliesParameterGradientsOnly() {
    let pass = network.forward(fixedNumbers(18, seed: 4), rows: rows)
    let delta = fixedNumbers(12, seed: 5)
    let one = network.backward(delta, pass, wantsInput: true)
    let quarter = network.backward(delta, pass, scale: 0.25, wantsInput: true)
    #expect(quarter.input == one.input)
    #expect(quarter.layers[1].weights == one.layers[1].weights.map { $0 / 4 })
    #expect(quarter.layers[2].biases == one.layers[2].biases.map { $0 / 4 })
  }

  @Test func codesActAsOneHotInputs() {
    let codes: [Int32] = [0, 2, 1, 1, 2, 0]
    var dense = [Double](repeating: 0, count: 18)
    for (position, code) in codes.enumerated() { dense[position * 3 + Int(code)] = 1 }
    let gathered = network.forward(codes: codes, latents: 2, categories: 3)
    #expect(
      relativeDifference(gathered.output, network.forward(dense, rows: rows).output) < 1e-15)
  }
}
