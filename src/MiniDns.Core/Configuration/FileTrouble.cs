namespace MiniDns.Configuration;

/// <summary>Says why a file cannot be read or written, in words that name the cause.</summary>
public static class FileTrouble
{
    /// <summary>The reason.</summary>
    /// <param name="path">The file.</param>
    /// <param name="exception">What opening, reading or writing it threw.</param>
    public static string Of(string path, Exception exception) => exception switch
    {
        // .NET says "access denied" when a directory is opened as a file.
        UnauthorizedAccessException when Directory.Exists(path) => "it is a directory",
        UnauthorizedAccessException => "this user may not",
        FileNotFoundException => "there is no such file",
        DirectoryNotFoundException => "there is no such directory",
        _ => exception.Message,
    };
}
