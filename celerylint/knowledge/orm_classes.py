"""Classes of object-relational mappers: models, fields, forms and views, by dotted name as they are imported.

Sources: the packages' own modules; the tests look up those that are installed.
"""

from __future__ import annotations

_BASES: dict[str, tuple[str, ...]] = {
    "django": (
        "django.db.models.Model", "django.db.models.base.Model", "django.contrib.gis.db.models.Model",
        "django.contrib.auth.base_user.AbstractBaseUser", "django.contrib.auth.models.AbstractBaseUser",
        "django.contrib.auth.models.AbstractUser", "django.contrib.auth.models.User",
        "django.contrib.auth.models.Group",
        "django.contrib.auth.models.Permission", "django.contrib.auth.models.PermissionsMixin",
        "django.contrib.contenttypes.models.ContentType", "django.contrib.sessions.models.Session",
        "django.contrib.sessions.base_session.AbstractBaseSession", "django.contrib.sites.models.Site",
        "django_celery_beat.models.PeriodicTask", "django_celery_beat.models.IntervalSchedule",
        "django_celery_beat.models.CrontabSchedule", "django_celery_results.models.TaskResult",
        "mptt.models.MPTTModel", "treebeard.mp_tree.MP_Node", "treebeard.ns_tree.NS_Node", "treebeard.al_tree.AL_Node",
        "polymorphic.models.PolymorphicModel", "polymorphic_tree.models.PolymorphicMPTTModel",
        "model_utils.models.TimeStampedModel", "model_utils.models.UUIDModel", "model_utils.models.StatusModel",
        "model_utils.models.SoftDeletableModel", "model_utils.models.TimeFramedModel",
        "django_extensions.db.models.TimeStampedModel", "django_extensions.db.models.ActivatorModel",
        "django_extensions.db.models.TitleDescriptionModel", "django_extensions.db.models.TitleSlugDescriptionModel",
        "safedelete.models.SafeDeleteModel", "softdelete.models.SoftDeleteObject",
        "solo.models.SingletonModel", "parler.models.TranslatableModel", "ordered_model.models.OrderedModel",
        "taggit.models.TagBase", "taggit.models.Tag", "taggit.models.ItemBase", "taggit.models.GenericTaggedItemBase",
        "wagtail.models.Page", "wagtail.core.models.Page", "wagtail.models.Orderable", "wagtail.core.models.Orderable",
        "guardian.models.UserObjectPermissionBase", "guardian.models.GroupObjectPermissionBase",
        "django_softdelete.models.SoftDeleteModel", "mitol.common.models.TimestampedModel",
        "wagtail.images.models.AbstractImage",
        "wagtail.documents.models.AbstractDocument", "modelcluster.models.ClusterableModel", "cms.models.CMSPlugin",
        "django_tenants.models.TenantMixin", "django_tenants.models.DomainMixin",
        "oauth2_provider.models.AbstractApplication",
        "rest_framework.authtoken.models.Token", "allauth.account.models.EmailAddress",
        "allauth.socialaccount.models.SocialAccount", "allauth.socialaccount.models.SocialToken",
        "djstripe.models.Customer", "djstripe.models.Subscription", "djstripe.models.Invoice",
    ),
    "sqlalchemy": (
        "sqlalchemy.orm.DeclarativeBase", "sqlalchemy.orm.DeclarativeBaseNoMeta",
        "sqlalchemy.orm.decl_api.DeclarativeBase",
        "sqlalchemy.ext.automap.AutomapBase", "flask_sqlalchemy.SQLAlchemy.Model", "flask_sqlalchemy.model.Model",
        "flask_appbuilder.Model", "flask_appbuilder.models.sqla.Model",
    ),
    "sqlmodel": ("sqlmodel.SQLModel", "sqlmodel.main.SQLModel"),
    "peewee": ("peewee.Model", "playhouse.flask_utils.FlaskDB.Model", "playhouse.signals.Model"),
    "mongoengine": (
        "mongoengine.Document", "mongoengine.DynamicDocument", "mongoengine.EmbeddedDocument",
        "mongoengine.DynamicEmbeddedDocument", "mongoengine.document.Document",
        "flask_mongoengine.MongoEngine.Document",
        "flask_mongoengine.Document", "flask_mongoengine.documents.Document",
    ),
    "tortoise": ("tortoise.models.Model", "tortoise.Model"),
    "beanie": ("beanie.Document", "beanie.odm.documents.Document"),
}

MODEL_BASES: dict[str, str] = {name: family for family, names in _BASES.items() for name in names}
"""Class whose subclasses (and which itself) are models: its family."""

BASE_FACTORIES: dict[str, str] = {
    "sqlalchemy.orm.declarative_base": "sqlalchemy",
    "sqlalchemy.ext.declarative.declarative_base": "sqlalchemy",
    "sqlalchemy.ext.declarative.api.declarative_base": "sqlalchemy",
    "sqlalchemy.ext.automap.automap_base": "sqlalchemy",
    "sqlalchemy.orm.registry.generate_base": "sqlalchemy",
    "sqlalchemy.orm.declarative.declarative_base": "sqlalchemy",
    "django.contrib.auth.get_user_model": "django",
    "django.apps.apps.get_model": "django",
    "swapper.load_model": "django",
}
"""Function that returns a model class, or a base class of models: its family."""

MODEL_DECORATORS: dict[str, str] = {
    "sqlalchemy.orm.registry.mapped": "sqlalchemy",
    "sqlalchemy.orm.registry.mapped_as_dataclass": "sqlalchemy",
    "sqlalchemy.orm.as_declarative": "sqlalchemy",
    "sqlalchemy.ext.declarative.as_declarative": "sqlalchemy",
}
"""Class decorator that makes a model: its family."""

PRIMARY_KEY: dict[str, str] = {
    "django": "pk", "tortoise": "pk", "mongoengine": "pk", "sqlalchemy": "id", "sqlmodel": "id", "peewee": "id",
    "beanie": "id",
}
"""Family: the attribute that usually is the primary key. ``pk`` always is; ``id`` only where the model declares it."""

UNSERIALIZABLE_KEYS: frozenset[str] = frozenset({"mongoengine", "beanie"})
"""Families whose primary key (an ObjectId) has to become a str first."""

_DJANGO = "django.db.models."
_GIS = "django.contrib.gis.db.models."

RELATION_FIELDS: dict[str, str] = {
    **{
        module + name: many
        for module in (_DJANGO, _GIS, "django.db.models.fields.related.")
        for name, many in (("ForeignKey", "one"), ("OneToOneField", "one"), ("ManyToManyField", "many"))
    },
    "django.contrib.contenttypes.fields.GenericForeignKey": "one",
    "django.contrib.contenttypes.fields.GenericRelation": "many",
    "mptt.models.TreeForeignKey": "one",
    "mptt.models.TreeOneToOneField": "one",
    "mptt.models.TreeManyToManyField": "many",
    "mptt.fields.TreeForeignKey": "one",
    "modelcluster.fields.ParentalKey": "one",
    "modelcluster.fields.ParentalManyToManyField": "many",
    "taggit.managers.TaggableManager": "many",
    "sqlalchemy.orm.relationship": "either",
    "sqlalchemy.orm.dynamic_loader": "many",
    "flask_sqlalchemy.SQLAlchemy.relationship": "either",
    "sqlmodel.Relationship": "either",
    "peewee.ForeignKeyField": "one",
    "peewee.ManyToManyField": "many",
    "mongoengine.ReferenceField": "one",
    "mongoengine.LazyReferenceField": "one",
    "mongoengine.GenericReferenceField": "one",
    "mongoengine.EmbeddedDocumentField": "one",
    "mongoengine.EmbeddedDocumentListField": "many",
    "tortoise.fields.ForeignKeyField": "one",
    "tortoise.fields.OneToOneField": "one",
    "tortoise.fields.ManyToManyField": "many",
    "beanie.Link": "one",
}
"""Field: whether reading it gives one instance ("one"), a manager or list ("many"), or one of the two ("either").

Under a name ``x`` of Django's "one" fields the column ``x_id`` is plain.
"""

_PYTHON: dict[str, tuple[str, ...]] = {
    "int": (
        "AutoField", "BigAutoField", "SmallAutoField", "IntegerField", "BigIntegerField", "SmallIntegerField",
        "PositiveIntegerField", "PositiveBigIntegerField", "PositiveSmallIntegerField",
    ),
    "str": ("CharField", "TextField", "EmailField", "SlugField", "URLField", "FilePathField", "GenericIPAddressField"),
    "bool": ("BooleanField", "NullBooleanField"),
    "float": ("FloatField",),
    "date": ("DateField",),
    "datetime": ("DateTimeField",),
    "time": ("TimeField",),
    "timedelta": ("DurationField",),
    "Decimal": ("DecimalField",),
    "UUID": ("UUIDField",),
    "bytes": ("BinaryField",),
    "json": ("JSONField",),
    "file": ("FileField", "ImageField"),
}

FIELD_VALUES: dict[str, str] = {
    module + name: value
    for module in (_DJANGO, _GIS)
    for value, names in _PYTHON.items()
    for name in names
}
"""Django field that is no relation: the kind of value that reading it gives ("file" is a FieldFile, no plain value)."""

INSTANCE_SIGNALS: dict[str, tuple[str, ...]] = {
    **{
        f"django.db.models.signals.{name}": ("instance",)
        for name in ("post_init", "pre_save", "post_save", "pre_delete", "post_delete", "m2m_changed")
    },
    "django.contrib.auth.signals.user_logged_in": ("user",),
    "django.contrib.auth.signals.user_logged_out": ("user",),
    "django.contrib.auth.user_logged_in": ("user",),
    "django.contrib.auth.user_logged_out": ("user",),
    "allauth.account.signals.user_signed_up": ("user",),
    "allauth.account.signals.user_logged_in": ("user",),
    "allauth.account.signals.email_confirmed": ("email_address",),
}
"""Signal: the parameters of its receivers that hold a model instance."""
