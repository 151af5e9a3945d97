"""Calls whose effect must not be repeated: rows of (kind, phrase, safe keywords, needed keywords, names).

A name is a canonical dotted name (``origins.canonical``); ``*`` in it stands for anything. An effect is safe when one
of the safe keywords is given and not None: the receiving side then recognises the second attempt. "headers.x" is the
key x of a dict passed as ``headers``. With needed keywords the call has the effect only when one of them is given.
PUT,
DELETE and writes under a key that the caller chooses are left out: the second one changes nothing.

Source of each row: the reference documentation of the library named; where the library is installed, the tests look
the
names up in it.
"""

from __future__ import annotations

from typing import TypeAlias

Row: TypeAlias = tuple[str, str, tuple[str, ...], tuple[str, ...], tuple[str, ...]]

_KEY = ("idempotency_key",)
IDEMPOTENCY_HEADERS = (
    "headers.idempotency-key", "headers.x-idempotency-key", "headers.paypal-request-id",
    "headers.if-match", "headers.if-none-match",
)
_TOKEN = ("ClientToken", "ClientRequestToken", "clientToken", "clientRequestToken")

PAYMENT: tuple[Row, ...] = (
    ("payment", "charges a card", _KEY, (), (
        "stripe.Charge.create", "stripe.PaymentIntent.create", "stripe.PaymentIntent.create_async",
        "stripe.Charge.create_async", "stripe.Topup.create",
    )),
    ("payment", "charges a card", ("options.idempotency_key",), (), (
        "stripe.StripeClient.charges.create", "stripe.StripeClient.payment_intents.create",
        "stripe.StripeClient.v1.charges.create", "stripe.StripeClient.v1.payment_intents.create",
        "stripe.StripeClient.v1.topups.create", "stripe.StripeClient.topups.create",
    )),
    ("payment", "bills a customer", _KEY, (), (
        "stripe.Invoice.create", "stripe.InvoiceItem.create", "stripe.Subscription.create",
        "stripe.SubscriptionItem.create_usage_record",
    )),
    ("payment", "bills a customer", ("options.idempotency_key",), (), (
        "stripe.StripeClient.invoices.create", "stripe.StripeClient.invoice_items.create",
        "stripe.StripeClient.subscriptions.create", "stripe.StripeClient.v1.invoices.create",
        "stripe.StripeClient.v1.invoice_items.create", "stripe.StripeClient.v1.subscriptions.create",
    )),
    ("payment", "pays money out", _KEY, (), (
        "stripe.Refund.create", "stripe.Transfer.create", "stripe.Payout.create", "stripe.Transfer.create_reversal",
    )),
    ("payment", "pays money out", ("options.idempotency_key",), (), (
        "stripe.StripeClient.refunds.create", "stripe.StripeClient.transfers.create",
        "stripe.StripeClient.payouts.create", "stripe.StripeClient.v1.refunds.create",
        "stripe.StripeClient.v1.transfers.create", "stripe.StripeClient.v1.payouts.create",
    )),
    ("payment", "charges a card", (), (), (
        "braintree.Transaction.sale", "braintree.Transaction.credit", "braintree.BraintreeGateway.transaction.sale",
        "braintree.BraintreeGateway.transaction.credit", "braintree.Subscription.create",
        "braintree.BraintreeGateway.subscription.create", "paypalrestsdk.Payment.create",
        "paypalrestsdk.Payment.execute", "paypalcheckoutsdk.core.PayPalHttpClient.execute",
        "razorpay.Client.order.create",
        "razorpay.Client.payment.createRecurring", "djstripe.models.Customer.charge",
        "djstripe.models.Customer.subscribe",
        "djstripe.models.Customer.add_invoice_item",
    )),
    ("payment", "charges a card", (*_KEY, *IDEMPOTENCY_HEADERS), (), (
        "Adyen.Adyen.payment.authorise", "Adyen.Adyen.checkout.payments", "Adyen.Adyen.checkout.payments_api.payments",
        "Adyen.Adyen.payment.payments_api.authorise", "Adyen.Adyen.payout.*",
        "mollie.api.client.Client.payments.create",
        "gocardless_pro.Client.payments.create",
    )),
    ("payment", "pays money out", (), (), (
        "braintree.Transaction.refund", "braintree.BraintreeGateway.transaction.refund", "paypalrestsdk.Payout.create",
        "paypalrestsdk.Sale.refund", "razorpay.Client.payment.refund",
    )),
)

HTTP: tuple[Row, ...] = (
    ("http", "sends an HTTP POST", IDEMPOTENCY_HEADERS, (), (
        "requests.post", "requests.Session.post", "httpx.post", "httpx.Client.post", "aiohttp.ClientSession.post",
    )),
    ("http", "sends an HTTP PATCH", IDEMPOTENCY_HEADERS, (), (
        "requests.patch", "requests.Session.patch", "httpx.patch", "httpx.Client.patch", "aiohttp.ClientSession.patch",
    )),
    ("http", "sends an HTTP POST", IDEMPOTENCY_HEADERS, ("data",), (
        "urllib.request.urlopen", "urllib.request.Request",
    )),
    ("http", "opens a ticket", (), (), (
        "jira.JIRA.create_issue", "jira.JIRA.add_comment", "zenpy.Zenpy.tickets.create",
        "jira.JIRA.create_customer_request",
    )),
)

VERBS: frozenset[str] = frozenset({
    "requests.request", "requests.Session.request", "httpx.request", "httpx.stream", "httpx.Client.request",
    "httpx.Client.stream", "aiohttp.request", "aiohttp.ClientSession.request", "urllib3.request",
    "urllib3.PoolManager.request", "urllib3.PoolManager.urlopen", "urllib3.PoolManager.request_encode_body",
    "http.client.HTTPConnection.request",
})
"""HTTP calls whose first argument, or ``method``, is the verb."""

MAIL: tuple[Row, ...] = (
    ("mail", "sends mail", (), (), (
        "django.core.mail.send_mail", "django.core.mail.send_mass_mail", "django.core.mail.mail_admins",
        "django.core.mail.mail_managers", "django.core.mail.EmailMessage.send",
        "django.core.mail.get_connection.send_messages", "smtplib.SMTP.sendmail", "smtplib.SMTP.send_message",
        "aiosmtplib.send", "flask_mail.Mail.send", "flask_mail.Mail.connect.send", "flask_mailman.EmailMessage.send",
        "fastapi_mail.FastMail.send_message", "yagmail.SMTP.send", "templated_email.send_templated_mail",
        "wagtail.admin.mail.send_mail", "exchangelib.Message.send", "exchangelib.Message.send_and_save",
        "allauth.account.adapter.get_adapter.send_mail", "emails.Message.send",
        "boto3.client.ses.send_email", "boto3.client.ses.send_raw_email", "boto3.client.ses.send_templated_email",
        "boto3.client.ses.send_bulk_templated_email", "boto3.client.sesv2.send_email",
        "boto3.client.sesv2.send_bulk_email", "sendgrid.SendGridAPIClient.send",
        "sendgrid.SendGridAPIClient.client.mail.send.post", "mailjet_rest.Client.send.create",
        "postmarker.core.PostmarkClient.emails.send", "postmarker.core.PostmarkClient.emails.send_batch",
        "postmarker.core.PostmarkClient.emails.send_with_template", "mailchimp_transactional.Client.messages.send",
        "mailchimp_transactional.Client.messages.send_template", "mandrill.Mandrill.messages.send",
        "mandrill.Mandrill.messages.send_template", "sparkpost.SparkPost.transmissions.send",
        "sparkpost.SparkPost.transmission.send", "resend.Emails.send", "post_office.mail.send",
        "notifications_python_client.NotificationsAPIClient.send_email_notification",
        "notifications_python_client.notifications.NotificationsAPIClient.send_email_notification",
        "notifications_python_client.notifications.NotificationsAPIClient.send_letter_notification",
    )),
)

MESSAGES: tuple[Row, ...] = (
    ("sms", "sends an SMS", (), (), (
        "twilio.rest.Client.messages.create", "twilio.rest.Client.messages.create_async",
        "twilio.rest.Client.api.account.messages.create", "vonage.Client.sms.send_message", "vonage.Sms.send_message",
        "vonage.Vonage.sms.send", "nexmo.Client.send_message", "messagebird.Client.message_create",
        "plivo.RestClient.messages.create", "boto3.client.pinpoint.send_messages",
        "boto3.client.pinpoint-sms-voice-v2.send_text_message",
        "notifications_python_client.NotificationsAPIClient.send_sms_notification",
        "notifications_python_client.notifications.NotificationsAPIClient.send_sms_notification",
    )),
    ("sms", "makes a phone call", (), (), ("twilio.rest.Client.calls.create", "plivo.RestClient.calls.create")),
    ("push", "sends a push notification", (), (), (
        "firebase_admin.messaging.send", "firebase_admin.messaging.send_all", "firebase_admin.messaging.send_each",
        "firebase_admin.messaging.send_multicast", "firebase_admin.messaging.send_each_for_multicast",
        "pyfcm.FCMNotification.notify", "pyfcm.FCMNotification.notify_single_device",
        "pyfcm.FCMNotification.notify_multiple_devices", "pyfcm.FCMNotification.notify_topic_subscribers",
        "apns2.client.APNsClient.send_notification", "apns2.client.APNsClient.send_notification_batch",
        "aioapns.APNs.send_notification", "exponent_server_sdk.PushClient.publish",
        "exponent_server_sdk.PushClient.publish_multiple", "pywebpush.webpush", "webpush.send_user_notification",
        "webpush.send_group_notification", "fcm_django.models.FCMDevice.send_message", "pusher.Pusher.trigger",
        "push_notifications.models.GCMDevice.send_message", "push_notifications.models.APNSDevice.send_message",
    )),
    ("chat", "posts to Slack", (), (), (
        "slack_sdk.WebClient.chat_postMessage", "slack_sdk.WebClient.chat_postEphemeral",
        "slack_sdk.WebClient.chat_scheduleMessage", "slack_sdk.WebClient.files_upload",
        "slack_sdk.WebClient.files_upload_v2", "slack_sdk.webhook.WebhookClient.send",
        "slacker.Slacker.chat.post_message",
    )),
    ("chat", "posts a chat message", (), (), (
        "telegram.Bot.send_message", "telegram.Bot.send_photo", "telegram.Bot.send_document",
        "telebot.TeleBot.send_message",
        "discord_webhook.DiscordWebhook.execute", "discord.SyncWebhook.send", "discord.Webhook.send",
        "pymsteams.connectorcard.send", "apprise.Apprise.notify", "zulip.Client.send_message",
        "tweepy.API.update_status",
        "tweepy.Client.create_tweet", "mastodon.Mastodon.status_post", "mastodon.Mastodon.toot",
    )),
)

STORES: tuple[Row, ...] = (
    ("insert", "inserts a row", (), (), (
        "django.db.models.Manager.create", "django.db.models.Manager.acreate", "*.objects.create", "*.objects.acreate",
        "*._default_manager.create", "peewee.Model.create", "peewee.Model.insert", "peewee.Model.insert_many",
        "tortoise.models.Model.create", "sqlalchemy.insert",
    )),
    ("insert", "inserts rows", ("ignore_conflicts", "update_conflicts"), (), (
        "django.db.models.Manager.bulk_create", "django.db.models.Manager.abulk_create", "*.objects.bulk_create",
        "*.objects.abulk_create", "tortoise.models.Model.bulk_create",
    )),
    ("insert", "inserts rows", (), (), (
        "sqlalchemy.orm.Session.add", "sqlalchemy.orm.Session.add_all", "sqlalchemy.orm.Session.bulk_save_objects",
        "sqlalchemy.orm.Session.bulk_insert_mappings", "*.db.session.add", "*.db.session.add_all",
        "peewee.Model.bulk_create", "pymongo.collection.Collection.insert_one",
        "pymongo.collection.Collection.insert_many",
    )),
    ("insert", "indexes a new document", ("id",), (), (
        "elasticsearch.Elasticsearch.index", "opensearchpy.OpenSearch.index",
    )),
    ("increment", "increments a counter", (), (), tuple(
        f"{where}.{name}"
        for where, names in (
            ("redis.Redis", ("incr", "incrby", "incrbyfloat", "decr", "decrby", "hincrby", "hincrbyfloat", "zincrby")),
            ("django.core.cache.cache", ("incr", "decr", "aincr", "adecr")),
        )
        for name in names
    )),
    ("append", "appends to a list", (), (), (
        "redis.Redis.rpush", "redis.Redis.lpush", "redis.Redis.append", "redis.Redis.linsert",
    )),
    ("publish", "appends to a stream", ("id",), (), ("redis.Redis.xadd",)),
)

PUBLISH: tuple[Row, ...] = (
    ("publish", "sends a queue message", ("MessageDeduplicationId",), (), (
        "boto3.client.sqs.send_message", "boto3.client.sqs.send_message_batch", "boto3.resource.sqs.*.send_message",
        "boto3.resource.sqs.*.send_messages",
    )),
    ("publish", "publishes a notification", ("MessageDeduplicationId",), (), (
        "boto3.client.sns.publish", "boto3.client.sns.publish_batch", "boto3.resource.sns.*.publish",
    )),
    ("publish", "publishes an event", (), (), (
        "boto3.client.kinesis.put_record", "boto3.client.kinesis.put_records", "boto3.client.firehose.put_record",
        "boto3.client.firehose.put_record_batch", "boto3.client.events.put_events", "kafka.KafkaProducer.send",
        "kafka.KafkaProducer.send_and_wait", "confluent_kafka.Producer.produce", "kombu.Producer.publish",
        "pika.BlockingConnection.channel.basic_publish", "google.cloud.pubsub_v1.PublisherClient.publish",
        "google.cloud.pubsub.PublisherClient.publish", "paho.mqtt.client.Client.publish", "paho.mqtt.publish.single",
        "paho.mqtt.publish.multiple", "azure.servicebus.*.send_messages", "stomp.Connection.send",
    )),
    ("publish", "invokes a Lambda function", (), (), ("boto3.client.lambda.invoke",)),
    ("publish", "starts a workflow", ("name",), (), ("boto3.client.stepfunctions.start_execution",)),
    ("publish", "starts machines", _TOKEN, (), ("boto3.client.ec2.run_instances", "boto3.client.ecs.run_task")),
    ("enqueue", "enqueues a job", ("job_id", "task_name", "_job_id"), (), (
        "rq.Queue.enqueue", "rq.Queue.enqueue_call", "rq.Queue.enqueue_in", "django_rq.enqueue",
        "django_rq.get_queue.enqueue",
        "django_q.tasks.async_task", "arq.create_pool.enqueue_job",
    )),
)

ROWS: tuple[Row, ...] = (*PAYMENT, *HTTP, *MAIL, *MESSAGES, *STORES, *PUBLISH)

UNMISTAKABLE: tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("chat", "posts to Slack", (), ("chat_postMessage", "chat_postEphemeral", "chat_scheduleMessage")),
    ("mail", "sends mail", (), (
        "send_raw_email", "send_templated_email", "send_bulk_templated_email", "send_email_notification", "email_user",
        "mail_admins", "mail_managers", "send_mass_mail",
    )),
    ("sms", "sends an SMS", (), ("send_sms_notification",)),
    ("insert", "inserts rows", ("ignore_conflicts", "update_conflicts"), ("bulk_create", "abulk_create")),
    ("insert", "inserts rows", (), ("bulk_save_objects", "bulk_insert_mappings", "insert_one", "insert_many")),
    ("append", "appends to a list", (), ("rpush", "lpush")),
    ("append", "appends a row", (), ("append_row", "append_rows")),
    ("increment", "increments a counter", (), ("incrby", "incrbyfloat", "hincrby", "hincrbyfloat", "zincrby")),
    ("publish", "publishes an event", (), ("basic_publish", "put_events", "put_records", "put_record_batch")),
    ("publish", "appends to a stream", ("id",), ("xadd",)),
)
"""(kind, phrase, safe keywords, method names) that mean this on any receiver, because one library has such a name."""

EXTERNAL_KINDS: frozenset[str] = frozenset({"payment", "http", "mail", "sms", "push", "chat", "publish"})
"""Kinds that leave the process over the network and so can fail for outside reasons."""

F_EXPRESSIONS: frozenset[str] = frozenset({
    "django.db.models.F", "django.db.models.expressions.F", "tortoise.expressions.F",
})
"""Classes whose instances, added to or subtracted from in an update, are an increment in the database."""
