using System.Text;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace MiniDns.Cluster.Api;

/// <summary>Reads a kubeconfig: clusters, users, contexts.</summary>
internal sealed class KubeconfigFile
{
    private readonly string _path;
    private readonly string _directory;
    private readonly TimeProvider _time;

    private KubeconfigFile(string path, TimeProvider time)
    {
        _path = path;
        _directory = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        _time = time;
    }

    public static ApiAccess Read(string path, string? context, TimeProvider time) => new KubeconfigFile(path, time).Read(context);

    private ApiAccess Read(string? context)
    {
        YamlMappingNode root = Load();
        context ??= Text(root, "current-context");
        if (string.IsNullOrEmpty(context))
        {
            throw Problem(root, "there is no current-context; name one");
        }

        YamlMappingNode chosen = Named(root, "contexts", context, "context");
        YamlMappingNode cluster = Named(root, "clusters", Required(chosen, "cluster"), "cluster");
        string? userName = Text(chosen, "user");
        YamlMappingNode? user = string.IsNullOrEmpty(userName) ? null : Named(root, "users", userName, "user");
        if (Text(cluster, "proxy-url") is { Length: > 0 })
        {
            throw Problem(Child(cluster, "proxy-url")!, "proxy-url: proxies are not supported");
        }

        Uri server;
        try
        {
            server = ApiAccess.Address(Required(cluster, "server"));
        }
        catch (ApiAccessException e)
        {
            throw Problem(Child(cluster, "server") ?? cluster, e.Message);
        }

        IApiCredential? credential = user is null ? null : Credential(user);
        IClientCertificate? certificate = user is null ? null : Certificate(user);
        if (credential is null && certificate is null && user is not null && Child(user, "exec") is YamlMappingNode exec)
        {
            ExecCredential executed = Exec(exec, cluster);
            credential = executed;
            certificate = executed;
        }

        return new ApiAccess(server)
        {
            ServerName = Text(cluster, "tls-server-name"),
            SkipVerify = Flag(cluster, "insecure-skip-tls-verify"),
            Authorities = Authorities(cluster),
            Credential = credential,
            Certificate = certificate,
        };
    }

    private YamlMappingNode Load()
    {
        try
        {
            using var reader = new StreamReader(_path, Encoding.UTF8);
            var yaml = new YamlStream();
            yaml.Load(reader);
            return yaml.Documents.FirstOrDefault()?.RootNode as YamlMappingNode
                ?? throw new ApiAccessException($"{_path}: not a kubeconfig: there is no mapping at its top");
        }
        catch (YamlException e)
        {
            throw new ApiAccessException($"{_path}:{e.Start.Line}:{e.Start.Column}: {e.Message}", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ApiAccessException($"kubeconfig '{_path}': {e.Message}", e);
        }
    }

    private TrustedAuthorities? Authorities(YamlMappingNode cluster)
    {
        // Data wins over a file, as kubectl has it.
        return Data(cluster, "certificate-authority-data") is { } pem ? TrustedAuthorities.FromPem(pem, _path + ": certificate-authority-data")
            : FileOf(cluster, "certificate-authority") is { } file ? TrustedAuthorities.FromFile(file)
            : null;
    }

    private IApiCredential? Credential(YamlMappingNode user)
    {
        if (Text(user, "token") is { Length: > 0 } token)
        {
            return FixedCredential.Token(token);
        }

        if (FileOf(user, "tokenFile") is { } file)
        {
            return new TokenFileCredential(file, _time);
        }

        if (Text(user, "username") is { Length: > 0 } name)
        {
            return FixedCredential.Basic(name, Text(user, "password") ?? "");
        }

        return Child(user, "auth-provider") is { } provider ? throw Problem(provider, "auth-provider was removed from Kubernetes in 1.26; use an exec plugin") : null;
    }

    private PemCertificate? Certificate(YamlMappingNode user)
    {
        string? certificateData = Data(user, "client-certificate-data");
        string? keyData = Data(user, "client-key-data");
        string? certificateFile = certificateData is null ? FileOf(user, "client-certificate") : null;
        string? keyFile = keyData is null ? FileOf(user, "client-key") : null;
        if (certificateData is null && certificateFile is null)
        {
            return null;
        }

        if (keyData is null && keyFile is null)
        {
            throw Problem(user, "client-certificate has no client-key");
        }

        return certificateFile is not null && keyFile is not null
            ? PemCertificate.FromFiles(certificateFile, keyFile)
            : PemCertificate.FromPem(certificateData ?? ReadFile(certificateFile!), keyData ?? ReadFile(keyFile!));
    }

    private ExecCredential Exec(YamlMappingNode exec, YamlMappingNode cluster)
    {
        string version = Required(exec, "apiVersion");
        if (version is not ("client.authentication.k8s.io/v1" or "client.authentication.k8s.io/v1beta1"))
        {
            throw Problem(Child(exec, "apiVersion")!, $"exec: '{version}' is not client.authentication.k8s.io/v1 or v1beta1");
        }

        if (Text(exec, "interactiveMode") == "Always")
        {
            throw Problem(Child(exec, "interactiveMode")!, "exec: a command that needs a terminal cannot run in a server");
        }

        string command = Required(exec, "command");
        return new ExecCredential(_time)
        {
            Version = version,
            Command = command.Contains('/', StringComparison.Ordinal) ? Path.Combine(_directory, command) : command,
            Arguments = [.. Items(exec, "args").Select(a => Scalar(a) ?? "")],
            Environment = [.. Items(exec, "env").OfType<YamlMappingNode>().Select(e => KeyValuePair.Create(Required(e, "name"), Text(e, "value") ?? ""))],
            Hint = Text(exec, "installHint"),
            Cluster = !Flag(exec, "provideClusterInfo") ? null : new ExecCluster(
                Required(cluster, "server"),
                Text(cluster, "tls-server-name"),
                Flag(cluster, "insecure-skip-tls-verify"),
                Text(cluster, "certificate-authority-data")
                    ?? (FileOf(cluster, "certificate-authority") is { } file ? Convert.ToBase64String(Encoding.UTF8.GetBytes(ReadFile(file))) : null)),
        };
    }

    private YamlMappingNode Named(YamlMappingNode root, string list, string name, string kind)
    {
        YamlMappingNode? entry = Items(root, list).OfType<YamlMappingNode>().FirstOrDefault(e => Text(e, "name") == name);
        return entry is null ? throw Problem(Child(root, list) ?? root, $"there is no {kind} '{name}'")
            : Child(entry, kind) as YamlMappingNode ?? throw Problem(entry, $"the {kind} '{name}' says nothing");
    }

    private static YamlNode? Child(YamlMappingNode node, string key) => node.Children.TryGetValue(new YamlScalarNode(key), out YamlNode? child) ? child : null;

    private static IEnumerable<YamlNode> Items(YamlMappingNode node, string key) => (Child(node, key) as YamlSequenceNode)?.Children ?? [];

    private static string? Scalar(YamlNode? node) => node is YamlScalarNode { Value: { } value } scalar && (value is not ("null" or "~") || scalar.Style != ScalarStyle.Plain) ? value : null;

    private static string? Text(YamlMappingNode node, string key) => Scalar(Child(node, key));

    private static bool Flag(YamlMappingNode node, string key) => Text(node, key) is "true" or "True" or "TRUE";

    private string Required(YamlMappingNode node, string key) => Text(node, key) is { Length: > 0 } text ? text : throw Problem(node, $"'{key}' is missing");

    private string? FileOf(YamlMappingNode node, string key) => Text(node, key) is { Length: > 0 } file ? Path.Combine(_directory, file) : null;

    private string? Data(YamlMappingNode node, string key)
    {
        if (Text(node, key) is not { Length: > 0 } text)
        {
            return null;
        }

        try
        {
            return Encoding.UTF8.GetString(Convert.FromBase64String(text));
        }
        catch (FormatException)
        {
            throw Problem(Child(node, key)!, $"{key} is not base64");
        }
    }

    private static string ReadFile(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ApiAccessException($"'{path}': {e.Message}", e);
        }
    }

    private ApiAccessException Problem(YamlNode node, string message) => new($"{_path}:{node.Start.Line}:{node.Start.Column}: {message}");
}
