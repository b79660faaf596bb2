// The first 100 GB are in the plan's price, the next 400 GB cost the agreed rate, and beyond that a gigabyte costs half of it.
const decimal included = 100m, full = 400m;

var beyond = Math.Max(0m, Quantity - included);
var atFullRate = Math.Min(beyond, full);
var atHalfRate = beyond - atFullRate;

return Math.Round(atFullRate * Rate + atHalfRate * Rate / 2m, 2, MidpointRounding.AwayFromZero);
