"""Who inherits from whom among the exceptions that tasks meet.

``TREE`` maps a module, as exceptions are usually imported from it, to its exceptions and their bases. A base without a
dot is an exception of the same module, else a builtin. Sources: the packages' exception modules; where a package is
installed, the tests compare every line with it.
"""

from __future__ import annotations

TREE: dict[str, dict[str, str]] = {
    "": {
        "BaseException": "", "Exception": "BaseException", "KeyboardInterrupt": "BaseException",
        "SystemExit": "BaseException", "GeneratorExit": "BaseException", "ArithmeticError": "Exception",
        "ZeroDivisionError": "ArithmeticError", "OverflowError": "ArithmeticError",
        "FloatingPointError": "ArithmeticError",
        "AssertionError": "Exception", "AttributeError": "Exception", "BufferError": "Exception",
        "EOFError": "Exception",
        "ImportError": "Exception", "ModuleNotFoundError": "ImportError", "LookupError": "Exception",
        "IndexError": "LookupError", "KeyError": "LookupError", "MemoryError": "Exception", "NameError": "Exception",
        "UnboundLocalError": "NameError", "OSError": "Exception", "BlockingIOError": "OSError",
        "ChildProcessError": "OSError", "ConnectionError": "OSError", "BrokenPipeError": "ConnectionError",
        "ConnectionAbortedError": "ConnectionError", "ConnectionRefusedError": "ConnectionError",
        "ConnectionResetError": "ConnectionError", "FileExistsError": "OSError", "FileNotFoundError": "OSError",
        "InterruptedError": "OSError", "IsADirectoryError": "OSError", "NotADirectoryError": "OSError",
        "PermissionError": "OSError", "ProcessLookupError": "OSError", "TimeoutError": "OSError",
        "ReferenceError": "Exception", "RuntimeError": "Exception", "NotImplementedError": "RuntimeError",
        "RecursionError": "RuntimeError", "StopIteration": "Exception", "StopAsyncIteration": "Exception",
        "SyntaxError": "Exception", "SystemError": "Exception", "TypeError": "Exception", "ValueError": "Exception",
        "UnicodeError": "ValueError", "UnicodeDecodeError": "UnicodeError", "UnicodeEncodeError": "UnicodeError",
        "Warning": "Exception",
    },
    "socket": {"gaierror": "OSError", "herror": "OSError"},
    "ssl": {"SSLError": "OSError", "SSLCertVerificationError": "SSLError ValueError", "SSLEOFError": "SSLError"},
    "subprocess": {
        "SubprocessError": "Exception", "CalledProcessError": "SubprocessError", "TimeoutExpired": "SubprocessError",
    },
    "json": {"JSONDecodeError": "ValueError"},
    "http.client": {
        "HTTPException": "Exception", "BadStatusLine": "HTTPException", "IncompleteRead": "HTTPException",
        "RemoteDisconnected": "ConnectionResetError BadStatusLine",
    },
    "urllib.error": {
        "URLError": "OSError", "HTTPError": "URLError urllib.response.addinfourl", "ContentTooShortError": "URLError",
    },
    "smtplib": {
        "SMTPException": "OSError", "SMTPServerDisconnected": "SMTPException",
        "SMTPResponseException": "SMTPException",
        "SMTPConnectError": "SMTPResponseException", "SMTPHeloError": "SMTPResponseException",
        "SMTPDataError": "SMTPResponseException", "SMTPSenderRefused": "SMTPResponseException",
        "SMTPAuthenticationError": "SMTPResponseException", "SMTPRecipientsRefused": "SMTPException",
        "SMTPNotSupportedError": "SMTPException",
    },
    "celery.exceptions": {
        "CeleryError": "Exception", "TaskPredicate": "CeleryError", "Retry": "TaskPredicate",
        "Ignore": "TaskPredicate",
        "Reject": "TaskPredicate", "TaskError": "CeleryError", "ImproperlyConfigured": "CeleryError",
        "SecurityError": "CeleryError", "ChordError": "TaskError", "InvalidTaskError": "TaskError",
        "IncompleteStream": "TaskError", "AlreadyRegistered": "TaskError", "MaxRetriesExceededError": "TaskError",
        "NotRegistered": "KeyError TaskError", "QueueNotFound": "KeyError TaskError", "TaskRevokedError": "TaskError",
        "TimeoutError": "TaskError", "BackendError": "Exception", "BackendGetMetaError": "BackendError",
        "BackendStoreError": "BackendError", "SoftTimeLimitExceeded": "Exception", "TimeLimitExceeded": "Exception",
        "WorkerLostError": "Exception", "Terminated": "Exception", "WorkerShutdown": "SystemExit",
        "WorkerTerminate": "SystemExit",
    },
    "kombu.exceptions": {
        "KombuError": "Exception", "OperationalError": "KombuError", "SerializationError": "KombuError",
        "EncodeError": "SerializationError", "DecodeError": "SerializationError", "NotBoundError": "KombuError",
        "MessageStateError": "KombuError", "LimitExceeded": "KombuError", "ConnectionLimitExceeded": "LimitExceeded",
        "ChannelLimitExceeded": "LimitExceeded", "SerializerNotInstalled": "KombuError",
        "ContentDisallowed": "SerializerNotInstalled",
    },
    "requests.exceptions": {
        "RequestException": "OSError", "HTTPError": "RequestException", "ConnectionError": "RequestException",
        "ProxyError": "ConnectionError", "SSLError": "ConnectionError", "Timeout": "RequestException",
        "ConnectTimeout": "ConnectionError Timeout", "ReadTimeout": "Timeout", "TooManyRedirects": "RequestException",
        "ChunkedEncodingError": "RequestException", "RetryError": "RequestException",
        "URLRequired": "RequestException",
        "InvalidURL": "RequestException ValueError", "MissingSchema": "RequestException ValueError",
        "InvalidSchema": "RequestException ValueError", "InvalidHeader": "RequestException ValueError",
        "InvalidJSONError": "RequestException", "JSONDecodeError": "InvalidJSONError json.JSONDecodeError",
        "ContentDecodingError": "RequestException urllib3.exceptions.HTTPError",
    },
    "httpx": {
        "HTTPError": "Exception", "HTTPStatusError": "HTTPError", "RequestError": "HTTPError",
        "TransportError": "RequestError", "TimeoutException": "TransportError", "ConnectTimeout": "TimeoutException",
        "ReadTimeout": "TimeoutException", "WriteTimeout": "TimeoutException", "PoolTimeout": "TimeoutException",
        "NetworkError": "TransportError", "ConnectError": "NetworkError", "ReadError": "NetworkError",
        "WriteError": "NetworkError", "CloseError": "NetworkError", "ProtocolError": "TransportError",
        "LocalProtocolError": "ProtocolError", "RemoteProtocolError": "ProtocolError", "ProxyError": "TransportError",
        "UnsupportedProtocol": "TransportError", "DecodingError": "RequestError", "TooManyRedirects": "RequestError",
        "InvalidURL": "Exception", "StreamError": "RuntimeError",
    },
    "urllib3.exceptions": {
        "HTTPError": "Exception", "PoolError": "HTTPError", "RequestError": "PoolError",
        "MaxRetryError": "RequestError",
        "TimeoutError": "HTTPError", "ReadTimeoutError": "TimeoutError RequestError",
        "ConnectTimeoutError": "TimeoutError",
        "ProtocolError": "HTTPError", "SSLError": "HTTPError", "ProxyError": "HTTPError", "DecodeError": "HTTPError",
        "LocationValueError": "ValueError HTTPError", "IncompleteRead": "HTTPError http.client.IncompleteRead",
    },
    "aiohttp": {
        "ClientError": "Exception", "ClientConnectionError": "ClientError",
        "ClientOSError": "ClientConnectionError OSError",
        "ClientConnectorError": "ClientOSError", "ServerConnectionError": "ClientConnectionError",
        "ServerDisconnectedError": "ServerConnectionError", "ServerTimeoutError": "ServerConnectionError TimeoutError",
        "ClientResponseError": "ClientError", "ClientPayloadError": "ClientError",
        "ContentTypeError": "ClientResponseError",
        "InvalidURL": "ClientError ValueError",
    },
    "redis.exceptions": {
        "RedisError": "Exception", "ConnectionError": "RedisError", "TimeoutError": "RedisError",
        "AuthenticationError": "ConnectionError", "BusyLoadingError": "ConnectionError", "ResponseError": "RedisError",
        "DataError": "RedisError", "WatchError": "RedisError", "NoScriptError": "ResponseError",
        "ReadOnlyError": "ResponseError", "LockError": "RedisError ValueError", "LockNotOwnedError": "LockError",
        "InvalidResponse": "RedisError", "PubSubError": "RedisError",
    },
    "django.db": {
        "Error": "Exception", "InterfaceError": "Error", "DatabaseError": "Error", "DataError": "DatabaseError",
        "OperationalError": "DatabaseError", "IntegrityError": "DatabaseError", "InternalError": "DatabaseError",
        "ProgrammingError": "DatabaseError", "NotSupportedError": "DatabaseError",
    },
    "django.core.exceptions": {
        "ObjectDoesNotExist": "Exception", "MultipleObjectsReturned": "Exception", "ValidationError": "Exception",
        "ImproperlyConfigured": "Exception", "PermissionDenied": "Exception", "SuspiciousOperation": "Exception",
        "FieldError": "Exception",
    },
    "sqlalchemy.exc": {
        "SQLAlchemyError": "sqlalchemy.exc.HasDescriptionCode Exception", "StatementError": "SQLAlchemyError",
        "DBAPIError": "StatementError", "InterfaceError": "DBAPIError", "DatabaseError": "DBAPIError",
        "DataError": "DatabaseError", "OperationalError": "DatabaseError", "IntegrityError": "DatabaseError",
        "InternalError": "DatabaseError", "ProgrammingError": "DatabaseError", "NotSupportedError": "DatabaseError",
        "TimeoutError": "SQLAlchemyError", "DisconnectionError": "SQLAlchemyError",
        "InvalidRequestError": "SQLAlchemyError", "NoResultFound": "InvalidRequestError",
        "MultipleResultsFound": "InvalidRequestError", "PendingRollbackError": "InvalidRequestError",
    },
    "botocore.exceptions": {
        "BotoCoreError": "Exception", "ClientError": "Exception", "ConnectionError": "BotoCoreError",
        "EndpointConnectionError": "ConnectionError", "HTTPClientError": "BotoCoreError",
        "ConnectTimeoutError": "ConnectionError botocore.vendored.requests.exceptions.ConnectTimeout",
        "ConnectionClosedError": "HTTPClientError", "ResponseStreamingError": "HTTPClientError",
        "ParamValidationError": "BotoCoreError", "NoCredentialsError": "BotoCoreError",
    },
    "stripe": {
        "StripeError": "Exception", "APIError": "StripeError", "APIConnectionError": "StripeError",
        "RateLimitError": "StripeError", "AuthenticationError": "StripeError", "IdempotencyError": "StripeError",
    },
    "slack_sdk.errors": {"SlackClientError": "Exception", "SlackApiError": "SlackClientError"},
    "twilio.base.exceptions": {"TwilioException": "Exception", "TwilioRestException": "TwilioException"},
    "pymongo.errors": {
        "PyMongoError": "Exception", "ConnectionFailure": "PyMongoError", "AutoReconnect": "ConnectionFailure",
        "NetworkTimeout": "AutoReconnect", "ServerSelectionTimeoutError": "AutoReconnect",
        "OperationFailure": "PyMongoError", "WriteError": "OperationFailure", "DuplicateKeyError": "WriteError",
    },
    "pika.exceptions": {
        "AMQPError": "Exception", "AMQPConnectionError": "AMQPError", "AMQPChannelError": "AMQPError",
        "StreamLostError": "AMQPConnectionError", "ConnectionClosed": "AMQPConnectionError",
    },
    "google.api_core.exceptions": {
        "GoogleAPIError": "Exception", "GoogleAPICallError": "GoogleAPIError", "RetryError": "GoogleAPIError",
        "ServerError": "GoogleAPICallError", "ClientError": "GoogleAPICallError", "ServiceUnavailable": "ServerError",
        "GatewayTimeout": "ServerError", "DeadlineExceeded": "GatewayTimeout", "TooManyRequests": "ClientError",
    },
}

MODULE_ALIASES: dict[str, str] = {
    "requests": "requests.exceptions",
    "requests.packages.urllib3.exceptions": "urllib3.exceptions",
    "redis": "redis.exceptions",
    "aiohttp.client_exceptions": "aiohttp",
    "aiohttp.client": "aiohttp",
    "django.db.utils": "django.db",
    "json.decoder": "json",
    "stripe.error": "stripe",
    "slack.errors": "slack_sdk.errors",
    "httpx._exceptions": "httpx",
    "builtins": "",
}
"""Module from which the same exceptions can be imported: the module of ``TREE``."""

NAME_ALIASES: dict[str, str] = {
    "IOError": "OSError", "EnvironmentError": "OSError", "WindowsError": "OSError", "socket.error": "OSError",
    "select.error": "OSError", "socket.timeout": "TimeoutError",
    "celery.exceptions.OperationalError": "kombu.exceptions.OperationalError",
    "billiard.exceptions.SoftTimeLimitExceeded": "celery.exceptions.SoftTimeLimitExceeded",
    "billiard.exceptions.TimeLimitExceeded": "celery.exceptions.TimeLimitExceeded",
    "billiard.exceptions.WorkerLostError": "celery.exceptions.WorkerLostError",
    "billiard.exceptions.Terminated": "celery.exceptions.Terminated",
    "sqlalchemy.orm.exc.NoResultFound": "sqlalchemy.exc.NoResultFound",
    "sqlalchemy.orm.exc.MultipleResultsFound": "sqlalchemy.exc.MultipleResultsFound",
    "asyncio.TimeoutError": "TimeoutError", "asyncio.exceptions.TimeoutError": "TimeoutError",
    "concurrent.futures.TimeoutError": "TimeoutError",
}
"""Second names. The last three are the builtin from Python 3.11 on; in 3.10 they stand apart."""
