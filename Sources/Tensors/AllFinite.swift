/// Whether no value is NaN or infinite. Cost: one pass, without branches.
public func allFinite(_ values: [Double]) -> Bool {
  // The exponent field of NaN and infinity is all ones: one more runs over into the sign.
  let exponent = Double.infinity.bitPattern
  let unit = Double.leastNormalMagnitude.bitPattern
  var seen: UInt64 = 0
  for value in values { seen |= (value.bitPattern & exponent) &+ unit }
  return seen >> 63 == 0
}

/// The same for numbers in float32.
public func allFinite(_ values: [Float]) -> Bool {
  let exponent = Float.infinity.bitPattern
  let unit = Float.leastNormalMagnitude.bitPattern
  var seen: UInt32 = 0
  for value in values { seen |= (value.bitPattern & exponent) &+ unit }
  return seen >> 31 == 0
}
