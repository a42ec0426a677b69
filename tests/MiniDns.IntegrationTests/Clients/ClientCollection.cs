namespace MiniDns.IntegrationTests.Clients;

/// <summary>The tests that share <see cref="ClientServer"/>.</summary>
[CollectionDefinition(Name)]
public sealed class ClientCollection : ICollectionFixture<ClientServer>
{
    public const string Name = "clients";
}
