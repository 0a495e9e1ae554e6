import Networks
import Testing

/// Values to 17 digits by mpmath with 40 digits.
@Suite struct ActivationTests {
  private static let x: [Double] = [
    -9, -3.5, -1.25, -0.6, -0.25, -0.001, 0, 1e-05, 0.3, 0.49, 0.5, 0.75, 2.125, 6.5,
  ]
  private static let tanh: [Double] = [
    -0.999999969540041, -0.9981778976111987, -0.8482836399575129, -0.5370495669980353,
    -0.24491866240370913, -0.0009999996666668, 0.0, 9.999999999666668e-06, 0.2913126124515909,
    0.4542164326822591, 0.46211715726000974, 0.6351489523872873, 0.971872745913509,
    0.9999954793514042,
  ]
  private static let gelu: [Double] = [
    -1.0157295653584566e-18, -0.0008142017766243376, -0.13206221708356908, -0.16455187065004415,
    -0.10032341857926907, -0.000499601057786089, 0.0, 5.0000398942280396e-06, 0.1853734266566858,
    0.3370871947854786, 0.34573123063700656, 0.5800294857173488, 2.089314223797046,
    6.49999999973896,
  ]
  private static let geluDerivatives: [Double] = [
    -9.138937373906639e-18, -0.002821760353624635, -0.12266158306942213, 0.07431835601499381,
    0.30462664511636395, 0.4992021157051586, 0.5, 0.5000079788456078, 0.7323277668271099,
    0.8613011121265215, 0.8674951246561629, 0.9992257217392351, 1.0718637872212706,
    1.0000000016950519,
  ]
  private static let geluTanh: [Double] = [
    -1.3364595947346586e-28, -0.0006161976553736633, -0.1322857970302854, -0.16458480076918525,
    -0.100324649298315, -0.000499601057786418, 0.0, 5.0000398942280396e-06, 0.18537092354275925,
    0.3370711959989701, 0.34571400982514394, 0.5799605551656203, 2.0895195995171316,
    6.499999999999372,
  ]
  private static let geluTanhDerivatives: [Double] = [
    -2.5157352850670226e-27, -0.002422643760116431, -0.12249263224964864, 0.07450846666751695,
    0.30464590484893955, 0.499202115706475, 0.5, 0.5000079788456078, 0.7322954516388018,
    0.8611819093424177, 0.8673699035346423, 0.9989382561374143, 1.0727004787568,
    1.0000000000065834,
  ]

  private func check(
    _ operation: any NetworkOperation, values: [Double], derivatives: [Double]
  ) {
    let result = operation.forward(Self.x, rows: 1, parameters: [])
    let ones = Self.x.map { _ in 1.0 }
    let back = operation.pullBack(
      ones, result.residual, parameters: [], parts: .input, scale: 1)
    for index in Self.x.indices {
      let (value, derivative) = (values[index], derivatives[index])
      // Far out the power in the exponential is itself rounded: 1e-13 of the value.
      #expect(abs(result.output[index] - value) <= 2e-13 * abs(value), "\(Self.x[index])")
      #expect(
        abs(back.input[index] - derivative) <= 2e-13 * abs(derivative) + 1e-16, "\(Self.x[index])")
    }
    let single = operation.forward(Self.x.map { Float($0) }, rows: 1, parameters: [])
    for index in Self.x.indices where abs(Self.x[index]) < 4 {
      #expect(abs(Double(single.output[index]) - values[index]) <= 1e-6 * abs(values[index]))
    }
  }

  @Test func tanhFollowsReference() throws {
    check(
      Tanh(try .flat(Self.x.count)), values: Self.tanh, derivatives: Self.tanh.map { 1 - $0 * $0 })
  }

  @Test func geluFollowsReference() throws {
    let shape = try TensorShape.flat(Self.x.count)
    check(GELU(shape, form: .erf), values: Self.gelu, derivatives: Self.geluDerivatives)
    check(GELU(shape, form: .tanh), values: Self.geluTanh, derivatives: Self.geluTanhDerivatives)
  }

  @Test func tanhIsPreciseEverywhere() throws {
    // (2 t) / (1 + t^2) doubles the argument: an identity that holds across the two ways.
    let x = (1...4000).map { Double($0) * 1e-3 }
    let operation = Tanh(try .flat(x.count))
    let single = operation.forward(x, rows: 1, parameters: []).output
    let double = operation.forward(x.map { 2 * $0 }, rows: 1, parameters: []).output
    for (t, twice) in zip(single, double) {
      #expect(abs(2 * t / (1 + t * t) - twice) <= 1e-15 * twice)
    }
    let ends = operation.forward([-.infinity, .infinity, .nan, -0.0], rows: 1, parameters: [])
    #expect(ends.output[0] == -1 && ends.output[1] == 1 && ends.output[2].isNaN)
    #expect(ends.output[3] == 0 && ends.output[3].sign == .minus)
  }

  @Test func layerNormFollowsReference() throws {
    let norm = LayerNorm(try .flat(4), epsilon: 1e-3)
    let result = norm.forward(
      [0.5, -1.25, 3, 2.5], rows: 1, parameters: [[1, 0.5, -2, 1.5], [0.25, 0, 1, -1]])
    #expect(
      difference(
        result.output,
        [-0.1567784750671551, -0.7211072967099568, -1.1448319594449996, 0.1648656331468532])
        < 1e-15)
  }

  @Test func kinksTakeTheLowerDerivative() throws {
    let shape = try TensorShape.flat(3)
    func derivatives(_ operation: any NetworkOperation) -> [Double] {
      let result = operation.forward([-1.0, 0, 2], rows: 1, parameters: [])
      return operation.pullBack(
        [1, 1, 1], result.residual, parameters: [], parts: .input, scale: 1
      ).input
    }
    #expect(derivatives(ReLU(shape)) == [0, 0, 1])
    #expect(derivatives(LeakyReLU(shape, slope: 0.25)) == [0.25, 0.25, 1])
    #expect(
      LeakyReLU(shape, slope: 0.25).forward([-1.0, 0, 2], rows: 1, parameters: []).output
        == [-0.25, 0, 2])
  }
}
