namespace IspHost.Plugins.Billing;

/// <summary>Money that moves from one account of the ledger to another.</summary>
sealed record Transfer(Guid Journal, short LineNo, LedgerAccount Debit, LedgerAccount Credit, long AmountMinor)
{
    /// <summary>What an invoice books: the customer owes the net amount as revenue, and each tax to whoever levies it.</summary>
    public static IEnumerable<Transfer> Of(Invoice invoice)
    {
        var owed = LedgerAccount.Receivable(invoice.Currency, invoice.Customer);
        var amounts = invoice.Taxes
            .GroupBy(tax => tax.Jurisdiction)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => (Account: LedgerAccount.Tax(invoice.Currency, group.Key), Minor: group.Sum(tax => tax.AmountMinor)))
            .Prepend((Account: LedgerAccount.Revenue(invoice.Currency), Minor: invoice.NetMinor))
            .Where(amount => amount.Minor != 0);
        short lineNo = 0;
        foreach (var (account, minor) in amounts)
        {
            yield return minor > 0
                ? new(invoice.Id, ++lineNo, owed, account, minor)
                : new(invoice.Id, ++lineNo, account, owed, -minor);
        }
    }
}
