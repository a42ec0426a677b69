namespace MiniDns.Client;

/// <summary>Something that a loop looks after now and then: deadlines, idleness.</summary>
internal interface ISweepable
{
    /// <summary>Ends what is over. Runs on the loop's thread.</summary>
    /// <param name="now">The present timestamp.</param>
    /// <returns>What is left to do.</returns>
    SweepResult Sweep(long now);

    /// <summary>Ends everything: the loop stops.</summary>
    void Stop();
}
