import CKernels

/// Whether no value is NaN or infinite. Cost: one pass, without branches.
public func allFinite(_ values: [Double]) -> Bool { gf_all_finite(values, values.count) != 0 }

/// The same for numbers in float32.
public func allFinite(_ values: [Float]) -> Bool {
  // The exponent field of NaN and infinity is all ones: one more runs over into the sign.
  let exponent = Float.infinity.bitPattern
  let unit = Float.leastNormalMagnitude.bitPattern
  var seen: UInt32 = 0
  for value in values { seen |= (value.bitPattern & exponent) &+ unit }
  return seen >> 31 == 0
}
