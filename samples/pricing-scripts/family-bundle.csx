// The more services a customer has, the less each gigabyte costs; television beside fibre takes off five per cent more.
var percent = Account.Lines switch
{
    >= 5 => 20m,
    >= 3 => 10m,
    _ => 0m,
};
if (Account.Products.Contains("tv-start") && Account.Products.Any(product => product.StartsWith("fiber-", StringComparison.Ordinal)))
    percent += 5m;

var price = Math.Round(Quantity * Rate * (1m - percent / 100m), 2, MidpointRounding.AwayFromZero);
return new Charge(price, [$"{Quantity} GB at {Rate} {Currency}, less {percent} % for {Account.Lines} services"]);
