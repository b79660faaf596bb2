// Data costs the agreed rate by day. From midnight to six, by the customer's clock, it is free.
bool IsNight(DateTimeOffset at) => at.TimeOfDay < new TimeSpan(6, 0, 0);

var data = Usage.Where(entry => entry.Kind == "data").ToList();
var total = data.Sum(entry => entry.Gigabytes);
var day = data.Where(entry => !IsNight(entry.LocalStart)).Sum(entry => entry.Gigabytes);

return new Charge(
    Math.Round(day * Rate, 2, MidpointRounding.AwayFromZero),
    [$"{day} GB by day at {Rate} {Currency}", $"{total - day} GB by night, free"]);
