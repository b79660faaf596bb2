namespace IspHost.PluginRuntime;

/// <summary>The places of one offer. Who finds none waits, and tenants that wait take turns.</summary>
/// <remarks>
/// A tenant may hold as many places as are still free. So one that comes alone gets half of them, the next a quarter: a few that fill
/// their share never take all, and whoever comes after them still finds a place.
/// </remarks>
sealed class Bulkhead(int places, int mostWaiting)
{
    readonly Lock gate = new();
    readonly Dictionary<TenantId, Guests> tenants = [];
    readonly LinkedList<Guests> turns = [];
    int free = places;

    /// <summary>How many tenants are inside or wait.</summary>
    public int Tenants
    {
        get
        {
            lock (gate)
                return tenants.Count;
        }
    }

    /// <summary>Waits for a place, to be given back by <see cref="Leave"/>.</summary>
    /// <returns>False if too many calls of the tenant wait already.</returns>
    /// <exception cref="OperationCanceledException">There was none in time.</exception>
    public ValueTask<bool> EnterAsync(TenantId tenant, CancellationToken stop)
    {
        LinkedListNode<TaskCompletionSource> place;
        lock (gate)
        {
            if (!tenants.TryGetValue(tenant, out var guests))
                tenants.Add(tenant, guests = new Guests(tenant));
            if (guests.Waiting.Count == 0 && guests.Inside < free)
            {
                Admit(guests);
                return new(true);
            }
            if (guests.Waiting.Count >= mostWaiting)
                return new(false);

            place = guests.Waiting.AddLast(new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            if (guests.Waiting.Count == 1)
                turns.AddLast(guests.Turn);
        }
        return new(WaitAsync(tenant, place, stop));
    }

    public void Leave(TenantId tenant)
    {
        lock (gate)
        {
            var guests = tenants[tenant];
            guests.Inside--;
            free++;
            AdmitInTurn();
            ForgetIfGone(guests);
        }
    }

    async Task<bool> WaitAsync(TenantId tenant, LinkedListNode<TaskCompletionSource> place, CancellationToken stop)
    {
        try
        {
            await place.Value.Task.WaitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            if (TryGiveUp(tenant, place))
                throw;
            // The place was given in this very moment.
        }
        return true;
    }

    bool TryGiveUp(TenantId tenant, LinkedListNode<TaskCompletionSource> place)
    {
        lock (gate)
        {
            if (place.List is null)
                return false;

            var guests = tenants[tenant];
            guests.Waiting.Remove(place);
            if (guests.Waiting.Count == 0)
                turns.Remove(guests.Turn);
            ForgetIfGone(guests);
            return true;
        }
    }

    /// <summary>One from each tenant that may have another place, in turn, until nobody may.</summary>
    void AdmitInTurn()
    {
        for (var passedOver = 0; passedOver < turns.Count && free > 0;)
        {
            var guests = turns.First!.Value;
            turns.RemoveFirst();
            if (guests.Inside < free)
            {
                Admit(guests);
                guests.Waiting.First!.Value.SetResult();
                guests.Waiting.RemoveFirst();
                passedOver = 0;
            }
            else
            {
                passedOver++;
            }
            if (guests.Waiting.Count > 0)
                turns.AddLast(guests.Turn);
        }
    }

    void Admit(Guests guests)
    {
        guests.Inside++;
        free--;
    }

    void ForgetIfGone(Guests guests)
    {
        if (guests is { Inside: 0, Waiting.Count: 0 })
            tenants.Remove(guests.Tenant);
    }

    sealed class Guests
    {
        public Guests(TenantId tenant) => (Tenant, Turn) = (tenant, new LinkedListNode<Guests>(this));

        public TenantId Tenant { get; }

        /// <summary>Among the turns while somebody waits.</summary>
        public LinkedListNode<Guests> Turn { get; }

        public int Inside { get; set; }

        public LinkedList<TaskCompletionSource> Waiting { get; } = [];
    }
}
